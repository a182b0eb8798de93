using Muster.Simulator;

var commands = new SimulatorCommands(Console.Out, TimeProvider.System).Create().Parse(args);
var code = commands.Invoke();
// 1 is a violated property.
return commands.Errors.Count > 0 ? SimulatorCommands.Misunderstood : code;

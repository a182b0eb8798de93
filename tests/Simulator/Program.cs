using System.CommandLine;
using Muster.Simulator;

return new SimulatorCommands(Console.Out, TimeProvider.System).Run(args, new InvocationConfiguration());

using Muster.Simulator;

return new SimulatorCommands(Console.Out, TimeProvider.System).Create().Parse(args).Invoke();

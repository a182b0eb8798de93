using System.CommandLine;
using Muster.Checker;

return CheckerCommands.Run(args, new InvocationConfiguration());

using System.CommandLine;
using Muster.Load;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // A pipe has no width; a table that breaks its lines cannot be searched.
    AnsiConsole.Profile.Width = 1000;
}
return await new LoadCommands().Create().Parse(args).InvokeAsync(new InvocationConfiguration
{
    // A dozen processes are ended in order.
    ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
});

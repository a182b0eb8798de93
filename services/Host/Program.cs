using Muster.Host;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // A pipe has no width; a line that breaks by itself cannot be searched.
    AnsiConsole.Profile.Width = 160;
}
return await HostCommands.Create(args).Parse(args).InvokeAsync();

using Muster.Host;
using Muster.Hosting;
using Spectre.Console;

if (await HealthProbe.TryRunAsync(args) is { } probed)
{
    return probed;
}
if (Console.IsOutputRedirected)
{
    // A pipe has no width; a line that breaks by itself cannot be searched.
    AnsiConsole.Profile.Width = 160;
}
return await HostCommands.Create(args).Parse(args).InvokeAsync(HostCommands.Invocation);

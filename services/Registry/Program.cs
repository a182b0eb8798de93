using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Muster.Hosting;
using Muster.Registry;

const int RefusedExitCode = 78;
if (await HealthProbe.TryRunAsync(args) is { } probed)
{
    return probed;
}
try
{
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
    {
        Args = args,
        ContentRootPath = AppContext.BaseDirectory,
    });
    builder.Services.AddMusterRegistry();
    await builder.Build().RunAsync();
    return Environment.ExitCode;
}
catch (OptionsValidationException refused)
{
    Console.Error.WriteLine($"The registry replica does not start: {refused.Message}");
    return RefusedExitCode;
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Muster.Detector;
using Muster.Hosting;

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
    builder.Services.AddMusterDetector();
    await builder.Build().RunAsync();
    return Environment.ExitCode;
}
catch (OptionsValidationException refused)
{
    Console.Error.WriteLine($"The detector does not start: {refused.Message}");
    return RefusedExitCode;
}

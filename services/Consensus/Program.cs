using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Consensus;
using Muster.Consensus.Storage;
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
    // A refusal is one line on standard error, without the host's stack trace before it.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    builder.Services.AddMusterConsensus();
    await builder.Build().RunAsync();
    return 0;
}
catch (OperationCanceledException)
{
    // Told to stop before it had started.
    return 0;
}
catch (Exception refused) when (refused is StartRefusedException or OptionsValidationException)
{
    Console.Error.WriteLine($"The consensus node does not start: {refused.Message}");
    return RefusedExitCode;
}

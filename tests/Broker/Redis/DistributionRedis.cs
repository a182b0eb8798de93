using System.Globalization;

namespace Muster.Broker;

/// <summary>The distribution's redis-server, started privately: own port, nothing on disk.</summary>
internal sealed class DistributionRedis : ControllableRedis
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private ServiceProcess? _server;

    public override string Description => $"the distribution's redis-server, private, at {Connection}";

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    protected override Task StartServerAsync()
    {
        _server = ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = "redis-server",
            FileName = "redis-server",
            Arguments =
            [
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--dir", Scratch.NewFolder("redis"),
            ],
        });
        return Task.CompletedTask;
    }

    protected override async Task StopServerAsync()
    {
        await _server!.StopAsync(StopPatience);
        await _server.DisposeAsync();
    }
}

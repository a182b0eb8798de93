using Muster.Broker;
using Muster.Client;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests;

/// <summary>Every service in one process over a real broker, as the README has it.</summary>
public sealed class HostOnBusTests(BrokerFixture brokers)
{
    private const string Host = "services/Host/Muster.Host.csproj";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_process_uses_what_one_process_runs()
    {
        var broker = await brokers.SharedAsync();
        var cluster = brokers.NewCluster();
        await using var host = ServiceProcess.Start(ServiceProcessOptions.Service(
            Host, "host", "--data", Scratch.NewFolder("host-on-bus"), $"--Bus:Uri={broker.Uri}",
            $"--Bus:Cluster={cluster}"));
        await host.WaitForLineAsync("SIGTERM to process", Patience);
        await using (var muster = new MusterClient(
            new() { Bus = broker.Uri, Cluster = cluster, CallTimeout = Patience }))
        {
            await using var held = await muster.Locks.AcquireAsync("nightly", cancellationToken: Cancel);
            await muster.Config.PutAsync("rate", "50", cancellationToken: Cancel);

            held.IsLost.ShouldBeFalse();
            (await muster.Config.GetAsync("rate", Cancel)).ShouldNotBeNull().Value.ShouldBe("50");
        }

        (await host.StopAsync(Patience)).ShouldBe(0, host.Output());
        host.Output().ShouldContain($"cluster {cluster}");
    }
}

using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests;

/// <summary>
/// The demo as the README has it, over a real broker: real services and workers, and their deaths.
/// </summary>
public sealed class DemoOnBusTests(BrokerFixture brokers)
{
    private const string Host = "services/Host/Muster.Host.csproj";

    [Fact]
    public async Task The_demo_on_the_bus_passes_its_audit_with_an_election_a_hand_over_and_a_refused_write()
    {
        var broker = await brokers.SharedAsync();
        await using var demo = ServiceProcess.Start(ServiceProcessOptions.Service(
            Host, "demo", "demo", RepositoryRoot.Path, "--bus", broker.Uri.ToString()));

        // The audit itself fails without an election, a hand-over by expiry and a refused write.
        (await demo.ExitAsync(TimeSpan.FromMinutes(2))).ShouldBe(0, demo.Output());
        demo.Output().ShouldContain("The audit passed.");
        demo.Output().ShouldContain("leads consensus: kill -9");
    }
}

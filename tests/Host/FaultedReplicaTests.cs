using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Host.Embedded;
using Muster.Hosting;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>
/// A replica that met an entry it cannot apply answers nobody any more. While it lived it would go on to take
/// its share of the commands and heartbeats that the others do.
/// </summary>
public sealed class FaultedReplicaTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task An_entry_that_no_replica_can_apply_ends_the_process()
    {
        using var host = EmbeddedHost.Build(
            Scratch.NewFolder("faulted"), ["--Health:Url=http://127.0.0.1:0"], LogLevel.Warning);
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStopping.Register(stopping.SetResult);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await ServesAsync(host.Services.GetServices<IHealthSource>());
        stopping.Task.IsCompleted.ShouldBeFalse();

        await PoisonAsync(host.Services.GetRequiredService<ILinkFactory>(), stopping.Task);

        host.Services.GetRequiredService<ProcessExit>().Code.ShouldBe(ProcessExit.Fault);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>One that meets the entry before it serves takes nothing, and waits for an operator.</summary>
    private static async Task ServesAsync(IEnumerable<IHealthSource> sources)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (sources.Any(source => !source.IsReady))
        {
            await Task.Delay(Again, TimeProvider.System, limit.Token);
        }
    }

    /// <summary>
    /// Proposes as a replica does, to the nodes' inboxes: the public endpoint refuses. Again until it worked:
    /// a leader may not be known yet.
    /// </summary>
    private static async Task PoisonAsync(ILinkFactory links, Task stopped)
    {
        var nodes = links.Names.AllConsensusNodes;
        await using var link = links.Create(new()
        {
            Address = "poison",
            OnMessage = _ => { },
            Publishes = [nodes],
        });
        await link.StartAsync(TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!stopped.IsCompleted)
        {
            var poison = new ProposeEntries { Group = "lock", ProposalId = "poison", Payloads = [[255]] };
            link.Publish(nodes, poison).ShouldBeTrue();
            await Task.WhenAny(stopped, Task.Delay(Again, TimeProvider.System, limit.Token));
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}

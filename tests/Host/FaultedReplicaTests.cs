using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Contracts.Lock;
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
        var folder = Scratch.NewFolder("faulted");
        using (var host = Build(folder))
        {
            var stopping = StoppingOf(host);
            await host.StartAsync(TestContext.Current.CancellationToken);
            await ServesAsync(host.Services.GetServices<IHealthSource>());
            await EndsAsync(host, stopping);
        }

        // Started again it waits for an operator; what he lets serve again ends at the next entry as well.
        using (var host = Build(folder))
        {
            var stopping = StoppingOf(host);
            await host.StartAsync(TestContext.Current.CancellationToken);
            await SaysThatItIsHaltedAsync(host);
            await RefuseUntilServingAsync(host);
            await EndsAsync(host, stopping);
        }
    }

    private static IHost Build(string folder) =>
        EmbeddedHost.Build(folder, ["--Health:Url=http://127.0.0.1:0"], LogLevel.Warning);

    private static Task StoppingOf(IHost host)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task;
    }

    private static async Task EndsAsync(IHost host, Task stopping)
    {
        stopping.IsCompleted.ShouldBeFalse();
        await PoisonAsync(host.Services.GetRequiredService<ILinkFactory>(), stopping);
        host.Services.GetRequiredService<ProcessExit>().Code.ShouldBe(ProcessExit.Fault);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Its endpoint is there, and another process's may be asked.</summary>
    private static async Task SaysThatItIsHaltedAsync(IHost host)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!host.Services.GetServices<IHealthSource>().Any(source => source.Detail.StartsWith("halted")))
        {
            await Task.Delay(Again, TimeProvider.System, limit.Token);
        }
        var refused = await host.Services.GetRequiredService<IBus>()
            .CreateRequestClient<OpenSession>().GetResponse<LockRefused>(
                new OpenSession { CommandId = "c", Owner = "ann" }, limit.Token);
        refused.Message.Reason.ShouldBe(LockRefusal.Overloaded);
        refused.Message.Message.ShouldStartWith("The replica is halted before entry ");
    }

    /// <summary>As the operator does, who takes the command from the health page.</summary>
    private static async Task RefuseUntilServingAsync(IHost host)
    {
        var links = host.Services.GetRequiredService<ILinkFactory>();
        var exchange = links.Names.Exchange(typeof(RefuseEntry));
        await using var link = links.Create(new()
        {
            Address = "operator",
            OnMessage = _ => { },
            Publishes = [exchange],
        });
        await link.StartAsync(TestContext.Current.CancellationToken);
        var refused = new HashSet<LogIndex>();
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!host.Services.GetServices<IHealthSource>().All(source => source.IsReady))
        {
            var halts = host.Services.GetServices<IHealthSource>().Select(source => source.Detail)
                .Where(detail => detail.Contains("RefuseEntry", StringComparison.Ordinal));
            foreach (var halt in halts)
            {
                var json = halt[halt.IndexOf('{', StringComparison.Ordinal)..];
                var refusal = BusJson.ReadBody<RefuseEntry>(Encoding.UTF8.GetBytes(json));
                link.Publish(exchange, refusal).ShouldBeTrue();
                refused.Add(refusal.Index);
            }
            await Task.Delay(Again, TimeProvider.System, limit.Token);
        }
        refused.ShouldNotBeEmpty("the former process ended at one");
    }

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

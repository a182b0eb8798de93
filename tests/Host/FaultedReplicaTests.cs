using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Muster.Broker;
using Muster.Contracts.Consensus;
using Muster.Host.Embedded;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>
/// A replica that met an entry it cannot apply answers nobody any more. While it lived it would go on to take
/// its share of the commands and heartbeats that the others do.
/// </summary>
public sealed class FaultedReplicaTests : IDisposable
{
    private const int FaultExitCode = 70;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public void Dispose() => Environment.ExitCode = 0;

    [Fact]
    public async Task An_entry_that_no_replica_can_apply_ends_the_process()
    {
        using var host = EmbeddedHost.Build(
            Scratch.NewFolder("faulted"), ["--Health:Url=http://127.0.0.1:0"], quiet: true);
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStopping.Register(stopping.SetResult);
        await host.StartAsync(TestContext.Current.CancellationToken);
        stopping.Task.IsCompleted.ShouldBeFalse();

        await ProposeAsync(host.Services.GetRequiredService<IBus>(), [255]);

        await stopping.Task.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Environment.ExitCode.ShouldBe(FaultExitCode);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task ProposeAsync(IBus bus, byte[] payload)
    {
        var client = bus.CreateRequestClient<ProposeEntries>(RequestTimeout.After(s: 30));
        while (true)
        {
            var answer = await client.GetResponse<EntriesProposed, ConsensusRefused>(
                new ProposeEntries { Group = "lock", ProposalId = "poison", Payloads = [payload] },
                TestContext.Current.CancellationToken);
            if (answer.Is(out Response<ConsensusRefused>? refused))
            {
                refused.Message.Reason.ShouldBe(ConsensusRefusal.NotLeader);
                continue;
            }
            return;
        }
    }
}

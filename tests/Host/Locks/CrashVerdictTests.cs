using System.Collections.Concurrent;
using Muster.Bus;
using Muster.Client;
using Muster.Contracts.Detector;
using Muster.Host.Tests.Decisions;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Locks;

/// <summary>
/// A verdict of the detectors, from its exchange to every group's holder and waiter. It is false: its process
/// lives.
/// </summary>
public sealed class CrashVerdictTests(FourGroups cluster) : IClassFixture<FourGroups>
{
    private const int Names = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_locks_of_all_groups_pass_on_the_holder_hears_it_and_others_keep_theirs()
    {
        var beats = new ConcurrentDictionary<string, Heartbeat>();
        await using var link = await ListenAsync(beats);
        await using var held = cluster.NewClient(new MusterOptions { Node = "falsely-crashed" });
        await using var other = cluster.NewClient(new MusterOptions { Node = "other" });
        await using var refusing = cluster.NewClient(
            new MusterOptions { Node = "refusing", CrashRelease = false });
        var handles = new List<ILockHandle>();
        var waiting = new List<Task<ILockHandle>>();
        foreach (var name in Enumerable.Range(1, Names).Select(number => $"verdict/{number}"))
        {
            handles.Add(await held.Locks.AcquireAsync(name, Patience, Cancelled));
            waiting.Add(other.Locks.AcquireAsync(name, Patience, Cancelled).AsTask());
        }
        await using var kept = await refusing.Locks.AcquireAsync("verdict/kept", Patience, Cancelled);
        await NodesOfOneProcess.UntilAsync(
            () => beats.ContainsKey("falsely-crashed") && beats.ContainsKey("refusing"), () => "beats");

        foreach (var node in new[] { "falsely-crashed", "refusing" })
        {
            await link.PublishEventAsync(Verdict(node, beats[node].Incarnation), Cancelled);
        }

        for (var at = 0; at < Names; at++)
        {
            var next = await waiting[at].WaitAsync(Patience, TimeProvider.System, Cancelled);
            next.FencingToken.ShouldBeGreaterThan(handles[at].FencingToken);
            await next.DisposeAsync();
        }
        await NodesOfOneProcess.UntilAsync(
            () => handles.TrueForAll(handle => handle.IsLost), () => "the holder hears it");
        kept.IsLost.ShouldBeFalse();
        // It lives, so it takes new sessions; a copy of the verdict does not end them.
        await using var again = await held.Locks.AcquireAsync("verdict/1", Patience, Cancelled);
        await link.PublishEventAsync(
            Verdict("falsely-crashed", beats["falsely-crashed"].Incarnation), Cancelled);
        await using var after = await other.Locks.AcquireAsync("verdict/other", Patience, Cancelled);
        (await other.Locks.DescribeAsync("verdict/1", Cancelled)).Holders.ShouldHaveSingleItem()
            .FencingToken.ShouldBe(again.FencingToken);
    }

    private static NodeFailed Verdict(string node, string incarnation) => new()
    {
        Node = node,
        Incarnation = incarnation,
        Cause = FailureCause.Dead,
        AgeMilliseconds = 3,
        Event = new() { Group = "detector", Epoch = 1, Number = node.Length },
    };

    private async Task<IBusLink> ListenAsync(ConcurrentDictionary<string, Heartbeat> beats)
    {
        var names = cluster.Links.Names;
        var link = cluster.Links.Create(new()
        {
            Address = "verdicts",
            OnMessage = message =>
            {
                var beat = message.Read<Heartbeat>();
                beats[beat.Node] = beat;
            },
            Subscriptions = [names.NodeBeats],
            Publishes = [names.Exchange(typeof(NodeFailed))],
        });
        await link.StartAsync(Cancelled);
        return link;
    }
}

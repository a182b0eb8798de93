using System.Collections.Concurrent;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Load.Measuring;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>Asks all consensus nodes how a group is.</summary>
internal sealed class ClusterView : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500);

    private readonly BusNames _names;
    private readonly IBusLink _link;
    private readonly ConcurrentDictionary<(string Group, NodeId Node), GroupDescription> _answers = [];
    private volatile ConsensusRefused? _refused;

    private ClusterView(LoadCluster cluster)
    {
        _names = cluster.Links.Names;
        _link = cluster.Links.Create(new LinkOptions
        {
            Address = cluster.NewAddress("view"),
            OnMessage = Receive,
            Publishes = [_names.AllConsensusNodes],
        });
    }

    public static async Task<ClusterView> StartAsync(LoadCluster cluster, CancellationToken cancellationToken)
    {
        var view = new ClusterView(cluster);
        await view._link.StartAsync(cancellationToken);
        return view;
    }

    /// <summary>Asks everybody; the answers go to the link's inbox.</summary>
    public static void Ask(IBusLink link, BusNames names, string group) =>
        link.Publish(names.AllConsensusNodes, new DescribeGroup { Group = group }, new SendOptions
        {
            ReplyTo = ReplyAddress.InboxScheme + link.Address,
            TimeToLive = Round,
        });

    /// <summary>The leader's own description of the group, waiting until there is one.</summary>
    public async Task<GroupDescription> LeaderAsync(string group, CancellationToken cancellationToken)
    {
        GroupDescription? leader = null;
        await UntilAsync(
            group, $"no node of the cluster says that it leads '{group}'",
            answers =>
            {
                leader = answers.Where(one => one.Role == RaftRole.Leader).MaxBy(one => one.Term);
                return leader is not null;
            },
            cancellationToken);
        return leader!;
    }

    /// <summary>Waits until every member has committed what the leader has now.</summary>
    public async Task AllCaughtUpAsync(string group, CancellationToken cancellationToken)
    {
        var leader = await LeaderAsync(group, cancellationToken);
        await UntilAsync(
            group, $"not all members of '{group}' have what its leader has",
            answers => answers.Count(one => one.CommitIndex >= leader.CommitIndex && !one.Leader.IsNone)
                >= leader.Members.Count,
            cancellationToken);
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task UntilAsync(
        string group, string otherwise, Func<List<GroupDescription>, bool> isRight,
        CancellationToken cancellationToken)
    {
        var started = Clock.Now;
        long? asked = null;
        Forget(group);
        while (true)
        {
            if (asked is null || Clock.Since(asked.Value) >= Round)
            {
                // What was true half a second ago may be over.
                Forget(group);
                asked = Clock.Now;
                Ask(_link, _names, group);
            }
            await Clock.Wait(Pause, cancellationToken);
            if (_refused is { } refused && refused.Group == group)
            {
                throw NoGroup(group, refused.Message);
            }
            var answers = _answers.Where(one => one.Key.Group == group).Select(one => one.Value).ToList();
            if (isRight(answers))
            {
                return;
            }
            if (Clock.Since(started) > LoadCluster.Patience)
            {
                throw new LoadException(
                    $"For {LoadCluster.Patience.TotalSeconds} s, {otherwise}; "
                    + $"{answers.Count} nodes answered.");
            }
        }
    }

    private void Forget(string group)
    {
        foreach (var known in _answers.Keys.Where(key => key.Group == group))
        {
            _answers.TryRemove(known, out _);
        }
    }

    private void Receive(LinkMessage message)
    {
        if (message.Type == BusJson.TypeName(typeof(GroupDescription)))
        {
            var description = message.Read<GroupDescription>();
            _answers[(description.Group, description.Node)] = description;
        }
        else if (message.Type == BusJson.TypeName(typeof(ConsensusRefused)))
        {
            var refused = message.Read<ConsensusRefused>();
            if (refused.Reason == ConsensusRefusal.UnknownGroup)
            {
                _refused = refused;
            }
        }
    }

    private static LoadException NoGroup(string group, string message) => new(
        $"{message} Proposals need a group that no service has: start every node with it among "
        + $"Consensus:Groups and Consensus:OpenGroups, for example Consensus__Groups__1={group}.");
}

using System.Collections.Concurrent;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Contracts.Lock;
using Muster.Host.Demo.Team;

namespace Muster.Host.Demo.Watching;

/// <summary>
/// Watches the services' events, as any subscriber can: elections, expiries and grants. Counts what the audit
/// asks for and puts the notable into the time line.
/// </summary>
public sealed class LockWatcher : IAsyncDisposable
{
    private readonly IBusLink _link;
    private readonly TeamNames _team;
    private readonly Timeline _timeline;
    private readonly Func<bool> _describe;
    private readonly ConcurrentDictionary<string, LockLost> _lost = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Name, long Token), bool> _seen = new();
    private readonly ConcurrentDictionary<Term, NodeId> _leaders = new();
    private volatile string _leader = "";
    private int _handOvers;

    /// <param name="links">To the demo's bus.</param>
    /// <param name="team">The run.</param>
    /// <param name="timeline">Where the notable goes.</param>
    /// <param name="seesConsensus">
    /// False for an application's broker user, which may not listen to the replicas' log.
    /// </param>
    public LockWatcher(ILinkFactory links, TeamNames team, Timeline timeline, bool seesConsensus)
    {
        _team = team;
        _timeline = timeline;
        var names = links.Names;
        string[] events = [names.Exchange(typeof(LockGranted)), names.Exchange(typeof(LockLost))];
        _link = links.Create(new LinkOptions
        {
            Address = $"app.{team.Run}.locks",
            OnMessage = Handle,
            Subscriptions = seesConsensus ? [.. events, names.Committed("lock")] : events,
            Publishes = seesConsensus ? [names.AllConsensusNodes] : [],
        });
        _describe = () => seesConsensus && _link.Publish(
            names.AllConsensusNodes, new DescribeGroup { Group = "lock" },
            new SendOptions { ReplyTo = ReplyAddress.InboxScheme + _link.Address });
    }

    /// <summary>The leader's node, empty while unknown.</summary>
    public string Leader => _leader;

    /// <summary>Elections after the first leader was known.</summary>
    public int Elections => Math.Max(0, _leaders.Count - 1);

    /// <summary>Grants of a lock whose holder before had lost it with its session's TTL.</summary>
    public int HandOversByExpiry => Volatile.Read(ref _handOvers);

    /// <summary>Starts to watch and asks who leads.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _link.StartAsync(cancellationToken);
        _describe();
    }

    /// <summary>Asks the nodes again who leads.</summary>
    public void Ask() => _describe();

    /// <summary>Another worker than the one that lost it has the lock since.</summary>
    public bool WasTakenOver(string name, FencingToken after) =>
        _seen.Keys.Any(seen => seen.Name == name && seen.Token > after.Value);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private void Handle(LinkMessage message)
    {
        switch (message.Type)
        {
            case var type when type == BusJson.TypeName(typeof(LeaderElected)):
                Lead(message.Read<LeaderElected>().Leader, message.Read<LeaderElected>().Term);
                break;
            case var type when type == BusJson.TypeName(typeof(GroupDescription)):
                var description = message.Read<GroupDescription>();
                if (description.Role == RaftRole.Leader)
                {
                    Lead(description.Leader, description.Term);
                }
                break;
            case var type when type == BusJson.TypeName(typeof(LockLost)):
                var lost = message.Read<LockLost>();
                if (IsOurs(lost.Name) && IsNews(lost))
                {
                    _lost[lost.Name] = lost;
                    _timeline.Add(
                        "lock service",
                        $"{lost.Name} lost by its holder ({lost.Cause}), token {lost.FencingToken}");
                }
                break;
            case var type when type == BusJson.TypeName(typeof(LockGranted)):
                Granted(message.Read<LockGranted>());
                break;
        }
    }

    private void Granted(LockGranted granted)
    {
        if (IsOurs(granted.Name) && _seen.TryAdd((granted.Name, granted.FencingToken.Value), true)
            && _lost.TryGetValue(granted.Name, out var lost) && lost.AcquireId != granted.CommandId)
        {
            if (lost.Cause == nameof(SessionExpired)) Interlocked.Increment(ref _handOvers);
            _timeline.Add("lock service",
                $"{granted.Name} handed over to {granted.Owner}, token {granted.FencingToken}");
        }
    }

    /// <summary>An event may come twice, and late.</summary>
    private bool IsNews(LockLost lost) =>
        !_lost.TryGetValue(lost.Name, out var last) || lost.FencingToken > last.FencingToken;

    /// <summary>Others may use the same cluster.</summary>
    private bool IsOurs(string name) =>
        name == _team.ElectionLock || name.StartsWith(_team.Lock(""), StringComparison.Ordinal);

    private void Lead(NodeId leader, Term term)
    {
        if (_leaders.TryAdd(term, leader))
        {
            _leader = leader.Value;
            _timeline.Add("consensus", $"{leader} leads in term {term}");
        }
    }
}

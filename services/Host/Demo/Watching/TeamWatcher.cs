using System.Collections.Concurrent;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Host.Demo.Team;

namespace Muster.Host.Demo.Watching;

/// <summary>
/// Watches the detectors' verdicts and the recoveries, as any subscriber can, and puts those of this run into
/// the time line.
/// </summary>
public sealed class TeamWatcher : IAsyncDisposable
{
    private readonly IBusLink _link;
    private readonly TeamNames _team;
    private readonly Timeline _timeline;
    private readonly ConcurrentDictionary<long, bool> _verdicts = new();
    private readonly ConcurrentDictionary<long, bool> _steps = new();
    private readonly ConcurrentQueue<string> _failed = new();
    private readonly ConcurrentQueue<string> _promoted = new();

    public TeamWatcher(ILinkFactory links, TeamNames team, Timeline timeline)
    {
        _team = team;
        _timeline = timeline;
        var names = links.Names;
        _link = links.Create(new LinkOptions
        {
            Address = $"app.{team.Run}.team",
            OnMessage = Handle,
            Subscriptions =
            [
                names.Exchange(typeof(NodeSuspected)), names.Exchange(typeof(NodeFailed)),
                names.Exchange(typeof(NodeRestored)), names.Exchange(typeof(RecoveryStarted)),
                names.Exchange(typeof(StandbyPromoted)), names.Exchange(typeof(RecoveryCompleted)),
                names.Exchange(typeof(RecoveryFailed)),
            ],
        });
    }

    /// <summary>The nodes of this run that were held for failed.</summary>
    public IReadOnlyList<string> Failed => [.. _failed];

    /// <summary>The members that recoveries of this run promoted.</summary>
    public IReadOnlyList<string> Promoted => [.. _promoted];

    public Task StartAsync(CancellationToken cancellationToken) => _link.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private void Handle(LinkMessage message)
    {
        switch (message.Type)
        {
            case var type when type == BusJson.TypeName(typeof(NodeSuspected)):
                var suspected = message.Read<NodeSuspected>();
                Verdict(suspected.Event.Number, suspected.Node, $"is suspected ({suspected.Cause})");
                break;
            case var type when type == BusJson.TypeName(typeof(NodeFailed)):
                var failed = message.Read<NodeFailed>();
                if (Verdict(failed.Event.Number, failed.Node, $"has failed ({failed.Cause})"))
                {
                    _failed.Enqueue(failed.Node);
                }
                break;
            case var type when type == BusJson.TypeName(typeof(NodeRestored)):
                var restored = message.Read<NodeRestored>();
                Verdict(restored.Event.Number, restored.Node, "is heard again");
                break;
            case var type when type == BusJson.TypeName(typeof(RecoveryStarted)):
                var started = message.Read<RecoveryStarted>();
                Step(
                    started.Event.Number, started.Group,
                    $"recovers from the failure of {started.FailedMember}");
                break;
            case var type when type == BusJson.TypeName(typeof(StandbyPromoted)):
                Promote(message.Read<StandbyPromoted>());
                break;
            case var type when type == BusJson.TypeName(typeof(RecoveryCompleted)):
                var completed = message.Read<RecoveryCompleted>();
                Step(completed.Event.Number, completed.Group, $"{completed.Primary} has taken over");
                break;
            case var type when type == BusJson.TypeName(typeof(RecoveryFailed)):
                var broken = message.Read<RecoveryFailed>();
                Step(broken.Event.Number, broken.Group, $"could not recover: {broken.Reason}");
                break;
        }
    }

    private void Promote(StandbyPromoted promoted)
    {
        // One without a recovery follows a primary that left on purpose, at the demo's end.
        var what = $"{promoted.Member} is promoted in epoch {promoted.GroupEpoch}, "
            + $"with version {promoted.StateVersion} of the plan; "
            + $"tokens below {promoted.FenceToken} are dead";
        if (promoted.RecoveryId.Length > 0 && Step(promoted.Event.Number, promoted.Group, what))
        {
            _promoted.Enqueue(promoted.Member);
        }
    }

    /// <summary>
    /// An event may come twice; other runs' and the services' own nodes are not this demo's.
    /// </summary>
    private bool Verdict(long number, string node, string what)
    {
        var isNews = node.StartsWith(_team.Node(""), StringComparison.Ordinal)
            && _verdicts.TryAdd(number, true);
        if (isNews)
        {
            _timeline.Add("detectors", $"{node} {what}");
        }
        return isNews;
    }

    private bool Step(long number, string group, string what)
    {
        var isNews = group == _team.Standbys && _steps.TryAdd(number, true);
        if (isNews)
        {
            _timeline.Add("recovery", what);
        }
        return isNews;
    }
}

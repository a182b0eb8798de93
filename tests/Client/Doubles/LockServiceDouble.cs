using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests.Doubles;

/// <summary>
/// A lock service at the other end of a <see cref="FakeLink"/>, answering at once in the sender's thread,
/// unless a test makes it deaf (commands are lost), mute (done, answers are lost) or slow (done, answers are
/// kept for the test to deliver).
/// </summary>
internal sealed class LockServiceDouble
{
    private readonly Lock _gate = new();
    private readonly List<LockCommand> _received = [];
    private readonly List<Heartbeat> _heartbeats = [];
    private readonly List<LockReply> _kept = [];
    private readonly List<Watch> _watches = [];
    private FakeLink? _link;

    public LockServiceDouble(FakeLinks links) => links.OnPublish += OnPublish;

    public LockTable Table { get; } = new();

    public bool IsDeaf { get; set; }

    public bool IsMute { get; set; }

    public bool IsSlow { get; set; }

    /// <summary>Answers a command in its own way, or gives null for the ordinary answer.</summary>
    public Func<LockCommand, LockReply?> Override { get; set; } = _ => null;

    /// <summary>Commands that are lost.</summary>
    public Func<LockCommand, bool> Loses { get; set; } = _ => false;

    /// <summary>Heartbeats are taken and their answers lost.</summary>
    public bool LosesHeartbeats { get; set; }

    /// <summary>Heartbeats are answered for these sessions alone.</summary>
    public Func<string, bool> Renews { get; set; } = _ => true;

    public IReadOnlyList<LockCommand> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    public IReadOnlyList<Heartbeat> Heartbeats
    {
        get
        {
            lock (_gate)
            {
                return [.. _heartbeats];
            }
        }
    }

    public IEnumerable<AcquireLock> Acquires =>
        Received.Select(command => command.AcquireLock).OfType<AcquireLock>();

    public IEnumerable<ReleaseLock> Releases =>
        Received.Select(command => command.ReleaseLock).OfType<ReleaseLock>();

    public IEnumerable<CancelAcquire> Cancels =>
        Received.Select(command => command.CancelAcquire).OfType<CancelAcquire>();

    public IEnumerable<OpenSession> Opens =>
        Received.Select(command => command.OpenSession).OfType<OpenSession>();

    public string SessionId => Opens.Last().SessionId;

    /// <summary>Done when that many matching commands have arrived; gives the last of them.</summary>
    public Task<LockCommand> SeesAsync(Func<LockCommand, bool> match, int count = 1)
    {
        lock (_gate)
        {
            var seen =
                new TaskCompletionSource<LockCommand>(TaskCreationOptions.RunContinuationsAsynchronously);
            _watches.Add(new Watch(match, count, seen));
            Check();
            return seen.Task.WaitAsync(TimeSpan.FromSeconds(10));
        }
    }

    public void Deliver(params LockReply[] replies) =>
        _link!.Deliver(new LockReplyBatch { Replies = replies });

    public void DeliverKept()
    {
        var kept = _kept.ToArray();
        _kept.Clear();
        Deliver(kept);
    }

    public void FreeByOther(string name)
    {
        LockReply[] replies;
        lock (_gate)
        {
            replies = [.. Table.FreeByOther(name)];
        }
        Answer(replies);
    }

    /// <summary>Answers a heartbeat as of now.</summary>
    public void Answer(Heartbeat heartbeat, string? incarnation = null)
    {
        foreach (var sessions in heartbeat.Sessions.Where(Renews).GroupBy(
            session => LockGroups.OfSession(session, Table.Groups) ?? 0))
        {
            _link!.Deliver(new HeartbeatAnswered
            {
                Group = LockGroups.NameOf(sessions.Key),
                Node = heartbeat.Node,
                Incarnation = incarnation ?? heartbeat.Incarnation,
                Number = heartbeat.Number,
                Sessions = [.. sessions.Select(Table.Renew)],
            });
        }
    }

    private void OnPublish(FakeLink link, Published published)
    {
        _link = link;
        if (published.Message is Heartbeat heartbeat)
        {
            lock (_gate)
            {
                _heartbeats.Add(heartbeat);
            }
            if (!LosesHeartbeats && heartbeat.Sessions.Count > 0)
            {
                Answer(heartbeat);
            }
            return;
        }
        if (published.Message is not LockCommandBatch batch)
        {
            return;
        }
        var replies = new List<LockReply>();
        lock (_gate)
        {
            batch.ReplyTo!.Address.ShouldBe("inbox:" + link.Address);
            _received.AddRange(batch.Commands);
            if (!IsDeaf)
            {
                replies.AddRange(batch.Commands.Where(command => !Loses(command)).SelectMany(
                    command => Override(command) is { } reply ? [reply] : Table.Do(command)));
            }
            Check();
        }
        Answer([.. replies]);
    }

    private void Answer(LockReply[] replies)
    {
        if (IsMute || replies.Length == 0)
        {
            return;
        }
        if (IsSlow)
        {
            _kept.AddRange(replies);
            return;
        }
        Deliver(replies);
    }

    private void Check()
    {
        foreach (var (match, count, seen) in _watches)
        {
            var matching = _received.Where(match).ToList();
            if (matching.Count >= count)
            {
                seen.TrySetResult(matching[count - 1]);
            }
        }
        _watches.RemoveAll(watch => watch.Seen.Task.IsCompleted);
    }

    private sealed record Watch(
        Func<LockCommand, bool> Match, int Count, TaskCompletionSource<LockCommand> Seen);
}

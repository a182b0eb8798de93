using System.Text.Json;

namespace Muster.Lock.Machine;

/// <summary>
/// The whole state as bytes: a version byte, then JSON, the same for the same state on every replica.
/// </summary>
internal static class SnapshotWriter
{
    public const byte Version = 4;

    public static byte[] Write(LockState state)
    {
        using var stream = new MemoryStream();
        stream.WriteByte(Version);
        JsonSerializer.Serialize(stream, ShapeOf(state), LockSnapshotJson.Default.LockSnapshot);
        return stream.ToArray();
    }

    private static LockSnapshot ShapeOf(LockState state) => new()
    {
        Genesis = state.Genesis,
        Epoch = state.Epoch,
        LastIndex = state.LastIndex,
        Time = state.Clock.Time,
        LastLogTime = state.Clock.LastLogTime,
        LastToken = state.LastToken,
        LastTicket = state.LastTicket,
        Sessions = [.. state.Sessions.All.Select(ShapeOf)],
        Acquires =
        [
            .. state.Sessions.All.SelectMany(session => session.Acquires.Values)
                .OrderBy(acquire => acquire is { Upgrades: not null } ? 2 : acquire.IsHeld ? 0 : 1)
                .ThenBy(acquire => acquire is { Upgrades: null, IsHeld: true } ? acquire.Token.Value : 0)
                .ThenBy(acquire => acquire.Ticket)
                .Select(ShapeOf),
        ],
        Delays =
        [
            .. state.Locks.All.Where(queue => queue.DelayedUntil > 0).Select(queue =>
                new DelaySnapshot(queue.Name, queue.MaxPermits, queue.DelayedUntil)),
        ],
        Answers = [.. state.Answers.Items.Select(item =>
            ShapeOf(item.RecordedAt, item.Result))],
        Outbox = new()
        {
            Owner = state.Outbox.Owner,
            Epoch = state.Outbox.Epoch,
            PublishedUpTo = state.Outbox.PublishedUpTo,
            Items = [.. state.Outbox.Items],
        },
        EventsHead = state.Events.Head,
        Events = [.. state.Events.Kept],
        Crashes = [.. state.Crashes.ByAge],
        Restorations = [.. state.Restorations.Items],
        Namespaces =
        [
            .. state.Locks.Namespaces.All.Where(one => one.IsLimited)
                .Select(one => new NamespaceSnapshot(one.Name, one.Limits)),
        ],
    };

    private static SessionSnapshot ShapeOf(Session session) => new()
    {
        Id = session.Id,
        Owner = session.Owner,
        TtlMilliseconds = session.TtlMilliseconds,
        LockDelayMilliseconds = session.LockDelayMilliseconds,
        OpenedBy = session.OpenedBy,
        Deadline = session.Deadline,
        AnsweredBelow = session.Answers.AnsweredBelow,
        Answers = [.. session.Answers.Items.Select(item =>
            ShapeOf(item.Key, item.Value))],
        Tombstones = [.. session.Tombstones.ByAge],
        Node = session.Node?.Node,
        Incarnation = session.Node?.Incarnation,
    };

    private static AnswerSnapshot ShapeOf(long key, StoredAnswer stored) =>
        new(key, stored.CommandId, stored.Subject, stored.Reply);

    private static AcquireSnapshot ShapeOf(Acquire acquire) => new()
    {
        SessionId = acquire.Session.Id,
        Id = acquire.Id,
        Claim = acquire.Claim,
        Upgrades = acquire.Upgrades?.Id,
        Sequence = acquire.Sequence,
        Ticket = acquire.Ticket,
        WaitDeadline = acquire.WaitDeadline,
        Since = acquire.Since,
        Token = acquire.Token,
        ReplyTo = acquire.ReplyTo,
        Origin = acquire.Origin,
        Reply = acquire.Reply,
    };
}

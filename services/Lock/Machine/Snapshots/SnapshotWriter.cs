using System.Text.Json;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// The whole state as bytes, the same for the same state on every replica: a version byte; as JSON what there
/// is little of; then sessions, acquires, the sessions' answers and the group's, of which there are a hundred
/// thousand, as <see cref="StateWriter"/> has it.
/// </summary>
internal static class SnapshotWriter
{
    public const byte Version = 6;

    public static byte[] Write(LockState state)
    {
        var writer = new StateWriter();
        writer.Byte(Version);
        writer.Part(
            JsonSerializer.SerializeToUtf8Bytes(HeadOf(state), LockSnapshotJson.Default.LockSnapshot));
        var numbers = new Dictionary<Session, int>(state.Sessions.Count);
        writer.Number(state.Sessions.Count);
        foreach (var session in state.Sessions.All)
        {
            numbers.Add(session, numbers.Count);
            Write(writer, session);
        }
        var acquires = InOrder(state);
        writer.Number(acquires.Count);
        foreach (var acquire in acquires)
        {
            Write(writer, state.Genesis, acquire, numbers[acquire.Session]);
        }
        foreach (var session in state.Sessions.All)
        {
            writer.Number(session.Answers.Count);
            foreach (var (sequence, stored) in session.Answers.Items)
            {
                AnswerBytes.Write(writer, state.Genesis, sequence, stored);
            }
        }
        writer.Number(state.Answers.Count);
        foreach (var remembered in state.Answers.Items)
        {
            AnswerBytes.Write(writer, state.Genesis, remembered.RecordedAt, remembered.Result);
        }
        return writer.ToArray();
    }

    private static LockSnapshot HeadOf(LockState state) => new()
    {
        Genesis = state.Genesis,
        Epoch = state.Epoch,
        LastIndex = state.LastIndex,
        Time = state.Clock.Time,
        LastLogTime = state.Clock.LastLogTime,
        LastToken = state.LastToken,
        LastTicket = state.LastTicket,
        Delays =
        [
            .. state.Locks.All.Where(queue => queue.DelayedUntil > 0).Select(queue =>
                new DelaySnapshot(queue.Name, queue.MaxPermits, queue.DelayedUntil)),
        ],
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

    private static void Write(StateWriter writer, Session session)
    {
        writer.Text(session.Id);
        writer.Known(session.Owner);
        writer.Number(session.TtlMilliseconds);
        writer.Number(session.LockDelayMilliseconds);
        writer.Text(session.OpenedBy);
        writer.Number(session.Deadline);
        writer.Number(session.Answers.AnsweredBelow);
        writer.Byte(session.Node is null ? (byte)0 : (byte)1);
        if (session.Node is { } node)
        {
            writer.Known(node.Node);
            writer.Known(node.Incarnation);
        }
        writer.Number(session.Tombstones.Count);
        foreach (var tombstone in session.Tombstones.ByAge)
        {
            writer.Text(tombstone.AcquireId);
            writer.Number(tombstone.KeptUntil);
        }
    }

    private static List<Acquire> InOrder(LockState state)
    {
        List<Acquire> held = [], waiting = [], upgrades = [];
        foreach (var acquire in state.Sessions.All.SelectMany(session => session.Acquires.Values))
        {
            (acquire is { Upgrades: not null } ? upgrades : acquire.IsHeld ? held : waiting).Add(acquire);
        }
        held.Sort(static (left, right) => left.Token.CompareTo(right.Token));
        waiting.Sort(Acquire.ByTicket);
        upgrades.Sort(Acquire.ByTicket);
        return [.. held, .. waiting, .. upgrades];
    }

    private static void Write(StateWriter writer, Genesis? genesis, Acquire acquire, int session)
    {
        var plain = PlainGrant.Of(genesis, acquire);
        writer.Number((long)(
            (acquire.Claim.Value is null ? 0 : AcquireParts.Value)
            | (acquire.Upgrades is null ? 0 : AcquireParts.Upgrades)
            | (acquire.Sequence is null ? 0 : AcquireParts.Sequence)
            | (acquire.ReplyTo is null ? 0 : AcquireParts.ReplyTo)
            | (plain is null ? 0 : AcquireParts.PlainGrant)));
        writer.Number(session);
        writer.Text(acquire.Id);
        Write(writer, acquire.Claim);
        if (acquire.Upgrades is { } hold) writer.Text(hold.Id);
        if (acquire.Sequence is { } sequence) writer.Number(sequence);
        writer.Number(acquire.Ticket);
        writer.Number(acquire.WaitDeadline);
        writer.Number(acquire.Since);
        writer.Number(acquire.Token.Value);
        if (acquire.ReplyTo is { } replyTo)
        {
            writer.Known(replyTo.Address);
            writer.Text(replyTo.RequestId);
        }
        writer.Known(acquire.Origin);
        if (plain is { } grant) Write(writer, grant);
        else AnswerBytes.Write(writer, acquire.Reply);
    }

    private static void Write(StateWriter writer, LockClaim claim)
    {
        writer.Number(claim.Names.Count);
        foreach (var name in claim.Names)
        {
            writer.Text(name);
        }
        writer.Number((long)claim.Mode);
        writer.Number(claim.Permits);
        writer.Number(claim.MaxPermits);
        if (claim.Value is { } value) writer.Text(value);
        writer.Text(claim.Flow);
    }

    private static void Write(StateWriter writer, PlainGrant grant)
    {
        writer.Number(grant.TakeoverMilliseconds);
        writer.Number(grant.Epoch);
        writer.Number(grant.Index.Value);
        writer.Number(grant.Ordinal);
        writer.Number(grant.Number);
    }
}

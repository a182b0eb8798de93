using System.Text.Json;
using Muster.Contracts;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// Builds a state out of a snapshot's bytes; whatever does not fit together is a <see
/// cref="FormatException"/>.
/// </summary>
internal static class SnapshotReader
{
    public static LockState Read(ReadOnlySpan<byte> snapshot)
    {
        if (snapshot.IsEmpty || snapshot[0] != SnapshotWriter.Version)
        {
            throw new FormatException(snapshot.IsEmpty
                ? "The lock snapshot is empty."
                : $"A lock snapshot of version {snapshot[0]}; this build knows {SnapshotWriter.Version}.");
        }
        try
        {
            var shape = JsonSerializer.Deserialize(snapshot[1..], LockSnapshotJson.Default.LockSnapshot);
            return Build(shape ?? throw new FormatException("The lock snapshot is null."));
        }
        // What the tables themselves refuse: a double id, a number out of order, a missing field.
        catch (Exception broken) when (
            broken is JsonException or ArgumentException
                or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException($"The lock snapshot does not fit together: {broken.Message}", broken);
        }
    }

    private static LockState Build(LockSnapshot shape)
    {
        Require(shape.Genesis is null or { IsValid: true }, "its genesis is out of range");
        var limits = shape.Genesis?.Limits ?? LockLimits.Default;
        var window = shape.Genesis?.CommandWindowMilliseconds
            ?? CommandIdWindow<StoredAnswer>.DefaultWindowMilliseconds;
        var state = new LockState
        {
            Clock = new MachineClock(shape.Time, shape.LastLogTime),
            Genesis = shape.Genesis,
            LastIndex = shape.LastIndex,
            LastToken = shape.LastToken,
            LastTicket = shape.LastTicket,
            Answers = new(shape.Answers.Select(RememberedOf), window, limits.MaxKeptCommandIds),
        };
        foreach (var session in shape.Sessions)
        {
            state.Sessions.Add(SessionOf(session, limits));
        }
        foreach (var acquire in shape.Acquires)
        {
            AddAcquire(state, acquire);
        }
        Require(state.Locks.All.All(queue => queue.Holder.IsHeld), "a lock has waiters and no holder");
        state.Outbox.Restore(shape.Outbox.Owner, shape.Outbox.Epoch, shape.Outbox.PublishedUpTo);
        foreach (var item in shape.Outbox.Items)
        {
            state.Outbox.Add(item);
        }
        Require(shape.Events.Count <= shape.EventsHead, "it has more events than numbers");
        state.Events.Restore(shape.EventsHead, shape.Events);
        return state;
    }

    private static RememberedCommand<StoredAnswer> RememberedOf(AnswerSnapshot answer) =>
        new(answer.CommandId, answer.Key, new StoredAnswer(answer.CommandId, answer.Reply));

    private static Session SessionOf(SessionSnapshot shape, LockLimits limits)
    {
        var session = new Session
        {
            Id = shape.Id,
            Owner = shape.Owner,
            TtlMilliseconds = shape.TtlMilliseconds,
            OpenedBy = shape.OpenedBy,
            Deadline = shape.Deadline,
            Answers = new(
                shape.AnsweredBelow,
                shape.Answers.Select(answer => KeyValuePair.Create(
                    answer.Key, new StoredAnswer(answer.CommandId, answer.Reply))),
                limits.MaxOpenCommandsPerSession),
        };
        foreach (var tombstone in shape.Tombstones)
        {
            session.Tombstones.Add(tombstone.AcquireId, tombstone.KeptUntil);
        }
        return session;
    }

    /// <summary>
    /// In ticket order a name's first acquire is its holder, since queues are left only from the front or for
    /// ever.
    /// </summary>
    private static void AddAcquire(LockState state, AcquireSnapshot shape)
    {
        var acquire = new Acquire
        {
            Session = state.Sessions.Find(shape.SessionId)
                ?? throw new FormatException($"The acquire {shape.Id} has no session {shape.SessionId}."),
            Id = shape.Id,
            Name = shape.Name,
            Sequence = shape.Sequence,
            Ticket = shape.Ticket,
            WaitDeadline = shape.WaitDeadline,
            Since = shape.Since,
            Token = shape.Token,
            ReplyTo = shape.ReplyTo,
            Origin = shape.Origin,
            Reply = shape.Reply,
        };
        Require(acquire.Ticket <= state.LastTicket, $"the ticket of {acquire.Id} was never given");
        Require(acquire.Token.Value <= state.LastToken, $"the token of {acquire.Id} was never given");
        if (state.Locks.Find(acquire.Name) is null)
        {
            state.Locks.Hold(acquire);
            return;
        }
        Require(acquire.Token == FencingToken.None, $"{acquire.Name} has two holders");
        state.Locks.Enqueue(acquire);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException($"The lock snapshot does not fit together: {otherwise}.");
        }
    }
}

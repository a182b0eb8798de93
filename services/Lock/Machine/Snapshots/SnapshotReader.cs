using System.Text.Json;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// Builds a state out of a snapshot's bytes; whatever does not fit together is a <see
/// cref="FormatException"/>.
/// </summary>
internal static class SnapshotReader
{
    /// <summary>Its locks were all exclusive, of one name each.</summary>
    private const byte OldestVersion = 2;

    /// <summary>Up to it all was JSON.</summary>
    internal const byte NewestTextVersion = 4;

    public static LockState Read(ReadOnlySpan<byte> snapshot)
    {
        try
        {
            return Build(ShapeOf(snapshot));
        }
        // What the tables themselves refuse: a double id, a number out of order, a missing field.
        catch (Exception broken) when (
            broken is JsonException or ArgumentException
                or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException($"The lock snapshot does not fit together: {broken.Message}", broken);
        }
    }

    /// <exception cref="FormatException">Empty, or of another version.</exception>
    /// <exception cref="JsonException">Malformed.</exception>
    internal static LockSnapshot ShapeOf(ReadOnlySpan<byte> snapshot)
    {
        if (snapshot.IsEmpty || snapshot[0] is < OldestVersion or > SnapshotWriter.Version)
        {
            throw new FormatException(snapshot.IsEmpty
                ? "The lock snapshot is empty."
                : $"A lock snapshot of version {snapshot[0]}; this build knows {OldestVersion} to "
                    + $"{SnapshotWriter.Version}.");
        }
        return snapshot[0] > NewestTextVersion
            ? BinaryShape.Read(snapshot[1..], snapshot[0])
            : JsonSerializer.Deserialize(snapshot[1..], LockSnapshotJson.Default.LockSnapshot)
                ?? throw new FormatException("The lock snapshot is null.");
    }

    private static LockState Build(LockSnapshot shape)
    {
        var genesis = shape.Genesis is null ? null : NullFields.Fill(shape.Genesis);
        Require(genesis is null or { IsValid: true }, "its genesis is out of range");
        RequireNumbers(shape);
        var limits = genesis?.Limits ?? LockLimits.Default;
        var window = genesis?.CommandWindowMilliseconds
            ?? CommandIdWindow<StoredAnswer>.DefaultWindowMilliseconds;
        var state = new LockState
        {
            Clock = new MachineClock(shape.Time, shape.LastLogTime),
            Genesis = genesis,
            Epoch = shape.Epoch == 0 ? Genesis.FirstEpoch : shape.Epoch,
            LastIndex = shape.LastIndex,
            LastToken = shape.LastToken,
            LastTicket = shape.LastTicket,
            Answers = new(shape.Answers.Select(RememberedOf), window, limits.MaxKeptCommandIds),
            Restorations = new(shape.Restorations ?? []),
        };
        foreach (var crash in shape.Crashes ?? [])
        {
            Require(state.Crashes.Add(crash), "a verdict is there twice");
        }
        foreach (var session in shape.Sessions)
        {
            state.Sessions.Add(SessionOf(session, limits, shape.Time));
        }
        foreach (var acquire in shape.Acquires)
        {
            AcquireReader.Add(state, acquire);
        }
        foreach (var delay in shape.Delays ?? [])
        {
            Require(
                LockValidation.CheckName(delay.Name) is null && delay.Until > shape.Time
                    && delay.Until <= shape.Time + LockValidation.MaxLockDelayMilliseconds,
                $"the delay of {delay.Name} lasts too long");
            state.Locks.Delay(delay.Name, delay.MaxPermits, delay.Until);
        }
        Require(!state.Locks.All.Any(queue => Granting.Next(state, queue) is not null),
            "a lock is free for one who waits");
        RestoreLimits(state, shape.Namespaces ?? []);
        state.Outbox.Restore(shape.Outbox.Owner, shape.Outbox.Epoch, shape.Outbox.PublishedUpTo);
        foreach (var item in shape.Outbox.Items)
        {
            state.Outbox.Add(item);
        }
        Require(shape.Events.Count <= shape.EventsHead, "it has more events than numbers");
        state.Events.Restore(shape.EventsHead, shape.Events);
        return state;
    }

    /// <summary>
    /// The machine counts on from these: none may be so great that it runs over.
    /// </summary>
    private static void RequireNumbers(LockSnapshot shape)
    {
        long[] numbers =
        [
            shape.Epoch, shape.LastIndex.Value, shape.Time, shape.LastLogTime, shape.LastToken,
            shape.LastTicket, shape.EventsHead, shape.Outbox.Epoch, shape.Outbox.PublishedUpTo,
        ];
        Require(
            numbers.All(number => number is >= 0 and <= FencingToken.MaxValue), "a number is out of range");
        Require(shape.Answers.All(answer => answer.Key <= shape.Time), "an answer is of a time to come");
    }

    private static RememberedCommand<StoredAnswer> RememberedOf(AnswerSnapshot answer) =>
        new(answer.CommandId, answer.Key, StoredOf(answer));

    private static StoredAnswer StoredOf(AnswerSnapshot answer)
    {
        Require(HasAnswer(answer.Reply), $"the command {answer.CommandId} has no answer");
        Require(
            answer.Subject is { Kind: not null, Owner: not null, Target: not null },
            $"nobody knows what the command {answer.CommandId} was about");
        return new StoredAnswer(answer.CommandId, answer.Subject, answer.Reply);
    }

    private static bool HasAnswer(LockReply? reply) => reply is
    { SessionOpened: not null } or { SessionClosed: not null } or { LockGranted: not null }
        or { LockQueued: not null } or { AcquireCancelled: not null } or { LockReleased: not null }
        or { LockBroken: not null } or { NamespaceLimitsSet: not null } or { ValueProclaimed: not null }
        or { LockRefused: not null };

    private static void RestoreLimits(LockState state, IReadOnlyList<NamespaceSnapshot> limited)
    {
        Require(limited.Count <= LockValidation.MaxLimitedNamespaces, "too many namespaces have limits");
        foreach (var one in limited)
        {
            Require(
                one.Limits != NamespaceTable.NoLimits && LockValidation.Check(
                    new SetNamespaceLimits { CommandId = "c", Namespace = one.Name, Limits = one.Limits })
                    is null,
                $"the limits of {one.Name} are none");
            Require(
                !state.Locks.Namespaces.IsLimited(one.Name),
                $"the limits of {one.Name} are there twice");
            state.Locks.Namespaces.Limit(one.Name, one.Limits);
        }
    }

    private static Session SessionOf(SessionSnapshot shape, LockLimits limits, long now)
    {
        Require(
            shape.TtlMilliseconds is >= LockValidation.MinTtlMilliseconds
                and <= LockValidation.MaxTtlMilliseconds
                && shape.Deadline <= now + shape.TtlMilliseconds
                && shape.LockDelayMilliseconds is >= 0 and <= LockValidation.MaxLockDelayMilliseconds,
            $"the session {shape.Id} lasts too long");
        Require(
            (shape.Node, shape.Incarnation) is (null, null)
                || LockValidation.IsNode(shape.Node, shape.Incarnation),
            $"the session {shape.Id} is of half a node");
        var session = new Session
        {
            Id = shape.Id,
            Owner = shape.Owner ?? "",
            TtlMilliseconds = shape.TtlMilliseconds,
            LockDelayMilliseconds = shape.LockDelayMilliseconds,
            OpenedBy = shape.OpenedBy ?? "",
            Node = shape.Node is null ? null : new(shape.Node, shape.Incarnation!),
            Deadline = shape.Deadline,
            Answers = new(
                shape.AnsweredBelow,
                shape.Answers.Select(answer => KeyValuePair.Create(answer.Key, StoredOf(answer))),
                limits.MaxOpenCommandsPerSession),
        };
        foreach (var tombstone in shape.Tombstones)
        {
            session.Tombstones.Add(tombstone);
        }
        return session;
    }

    internal static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException($"The lock snapshot does not fit together: {otherwise}.");
        }
    }
}

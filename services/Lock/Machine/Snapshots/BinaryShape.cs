using System.Text.Json;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>Which parts an acquire has in a snapshot.</summary>
[Flags]
internal enum AcquireParts
{
    None = 0,
    Value = 1,
    Upgrades = 2,
    Sequence = 4,
    ReplyTo = 8,
    PlainGrant = 16,
    All = 31,
}

/// <summary>Takes a snapshot of version 5 or 6 apart, into the same shape as those before it.</summary>
internal static class BinaryShape
{
    // What each takes at least: a byte for each of its parts.
    private const int LeastSession = 9;
    private const int LeastAcquire = 14;
    private const int LeastTombstone = 2;

    /// <exception cref="FormatException">Not what a <see cref="SnapshotWriter"/> writes.</exception>
    /// <exception cref="JsonException">As before; or within a part.</exception>
    public static LockSnapshot Read(ReadOnlySpan<byte> bytes, byte version)
    {
        var reader = new StateReader(bytes);
        var head = JsonSerializer.Deserialize(reader.Part(), LockSnapshotJson.Default.LockSnapshot)
            ?? throw new FormatException("The lock snapshot is null.");
        var sessions = new SessionSnapshot[reader.Count(LeastSession)];
        for (var at = 0; at < sessions.Length; at++)
        {
            sessions[at] = ReadSession(ref reader);
        }
        var acquires = new AcquireSnapshot[reader.Count(LeastAcquire)];
        for (var at = 0; at < acquires.Length; at++)
        {
            acquires[at] = ReadAcquire(ref reader, head.Genesis, sessions);
        }
        for (var at = 0; at < sessions.Length; at++)
        {
            var own = AnswerBytes.ReadAll(ref reader, head.Genesis, version);
            sessions[at] = sessions[at] with { Answers = own };
        }
        var answers = version >= AnswerBytes.FirstVersion
            ? AnswerBytes.ReadAll(ref reader, head.Genesis, version)
            : head.Answers;
        reader.End();
        return head with { Sessions = sessions, Acquires = acquires, Answers = answers };
    }

    private static SessionSnapshot ReadSession(ref StateReader reader)
    {
        var session = new SessionSnapshot
        {
            Id = reader.Text(),
            Owner = reader.Known(),
            TtlMilliseconds = reader.Number(),
            LockDelayMilliseconds = reader.Number(),
            OpenedBy = reader.Text(),
            Deadline = reader.Number(),
            AnsweredBelow = reader.Number(),
        };
        if (reader.Byte() is not 0)
        {
            session = session with { Node = reader.Known(), Incarnation = reader.Known() };
        }
        var tombstones = new Tombstone[reader.Count(LeastTombstone)];
        for (var at = 0; at < tombstones.Length; at++)
        {
            tombstones[at] = new(reader.Text(), reader.Number());
        }
        return session with { Tombstones = tombstones };
    }

    private static AcquireSnapshot ReadAcquire(
        ref StateReader reader, Genesis? genesis, SessionSnapshot[] sessions)
    {
        var parts = (AcquireParts)reader.Number();
        if ((parts & ~AcquireParts.All) != 0)
        {
            throw new FormatException($"An acquire has parts that this build does not know: {parts}.");
        }
        var number = reader.Number();
        var session = number >= 0 && number < sessions.Length
            ? sessions[(int)number]
            : throw new FormatException($"An acquire is of the session {number} of {sessions.Length}.");
        var id = reader.Text();
        var claim = ReadClaim(ref reader, parts);
        var acquire = new AcquireSnapshot
        {
            SessionId = session.Id,
            Id = id,
            Claim = claim,
            Upgrades = parts.HasFlag(AcquireParts.Upgrades) ? reader.Text() : null,
            Sequence = parts.HasFlag(AcquireParts.Sequence) ? reader.Number() : null,
            Ticket = reader.Number(),
            WaitDeadline = reader.Number(),
            Since = reader.Number(),
            Token = new(reader.Number()),
            ReplyTo = parts.HasFlag(AcquireParts.ReplyTo)
                ? new() { Address = reader.Known(), RequestId = reader.Text() }
                : null,
            Origin = reader.Known(),
        };
        return acquire with
        {
            Reply = parts.HasFlag(AcquireParts.PlainGrant)
                ? ReadGrant(ref reader).ReplyTo(
                    genesis ?? throw new FormatException("Nothing is held in a group that is not founded."),
                    (session.Id, session.Owner), id, claim, acquire.Token)
                : AnswerBytes.ReadJson(ref reader),
        };
    }

    private static LockClaim ReadClaim(ref StateReader reader, AcquireParts parts)
    {
        var names = new string[reader.Count(1)];
        for (var at = 0; at < names.Length; at++)
        {
            names[at] = reader.Text();
        }
        return new()
        {
            Names = names,
            Mode = (LockMode)reader.SmallNumber(),
            Permits = reader.SmallNumber(),
            MaxPermits = reader.SmallNumber(),
            Value = parts.HasFlag(AcquireParts.Value) ? reader.Text() : null,
            Flow = reader.Text(),
        };
    }

    private static PlainGrant ReadGrant(ref StateReader reader) => new(
        reader.Number(), reader.Number(), new LogIndex(reader.Number()), reader.SmallNumber(),
        reader.Number());
}

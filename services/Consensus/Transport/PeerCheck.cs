using System.Text.Json;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Transport;

/// <summary>
/// What no node of this cluster says, whoever or whatever made the message: it is dropped before a core sees
/// it. To a core the same would be a broken invariant, or a term from which there is no next one.
/// </summary>
internal static class PeerCheck
{
    /// <summary>
    /// No term, index, time or request of a cluster comes near it, and what is below leaves room to count
    /// on: in milliseconds it is two million years.
    /// </summary>
    public const long Greatest = 1L << 56;

    /// <summary>No node is so many elections behind another.</summary>
    private const long GreatestTermStep = 1L << 32;

    /// <summary>Nor so long a time, 8,900 years, though one that joins begins at zero.</summary>
    private const long GreatestTimeStep = 1L << 48;

    /// <summary>Why a message cannot be one of a node's; null when it can.</summary>
    public static string? Problem(PeerMessage message)
    {
        if (!Fit(message.Term.Value, message.RequestId)) return OutOfRange(message);
        return message switch
        {
            AppendEntries one => Problem(one),
            AppendEntriesReply one => Fit(
                one.MatchIndex.Value, one.ConflictIndex.Value, one.ConflictTerm.Value)
                    ? null : OutOfRange(one),
            PreVote one => Fit(one.NextTerm.Value, one.LastLogIndex.Value, one.LastLogTerm.Value)
                ? null : OutOfRange(one),
            PreVoteReply one => Fit(one.NextTerm.Value) ? null : OutOfRange(one),
            RequestVote one => Fit(one.LastLogIndex.Value, one.LastLogTerm.Value) ? null : OutOfRange(one),
            InstallSnapshot one => Problem(one),
            InstallSnapshotReply one => Fit(
                one.MatchIndex.Value, one.SnapshotIndex.Value, one.ReceivedBytes) ? null : OutOfRange(one),
            _ => null,
        };
    }

    /// <summary>
    /// Why a message cannot be for a core that is where this one is; null when it can. One that were taken
    /// there from a single message would soon say numbers itself which nobody lets through.
    /// </summary>
    public static string? StepProblem(PeerMessage message, RaftCore core)
    {
        var (term, time) = message switch
        {
            PreVote one => (one.NextTerm, 0L),
            AppendEntries one => (one.Term, one.Entries.Select(entry => entry.LogTime)
                .Append(one.LogTime).Max()),
            InstallSnapshot one => (one.Term, Math.Max(one.LogTime, one.Snapshot.LogTime)),
            _ => (message.Term, 0L),
        };
        // A leader's clock shows what it began at, which is near enough.
        return term.Value - core.Term.Value <= GreatestTermStep
            && message.Term.Value - core.Term.Value <= GreatestTermStep
            && time - core.LogTime(0) <= GreatestTimeStep ? null
            : $"{Name(message)} of term {term} and time {time} is too far ahead of term {core.Term}";
    }

    /// <summary>
    /// Why an answer cannot be one to a request of this node; null when it can, or when nobody counts it: of
    /// another term, or to what a leader of another term asked.
    /// </summary>
    public static string? AnswerProblem(PeerMessage message, RaftCore core)
    {
        if (core.Role != RaftRole.Leader || message.Term != core.Term || message.RequestId == 0) return null;
        var about = message switch
        {
            AppendEntriesReply one => one.MatchIndex > one.ConflictIndex ? one.MatchIndex : one.ConflictIndex,
            InstallSnapshotReply one => one.MatchIndex,
            _ => LogIndex.Zero,
        };
        return about <= core.LastIndex ? null
            : $"{Name(message)} answers about entry {about}, and this leader's last one is {core.LastIndex}";
    }

    private static string? Problem(AppendEntries request)
    {
        var isInRange = Fit(
            request.PreviousIndex.Value, request.PreviousTerm.Value, request.CommitIndex.Value)
            && Fit(request.LogTime);
        if (!isInRange || request.PreviousTerm > request.Term) return OutOfRange(request);
        var (before, term) = (request.PreviousIndex, request.PreviousTerm);
        foreach (var entry in request.Entries)
        {
            if (entry is null) return $"{Name(request)} has an entry that is null";
            if (entry.Index != before.Next() || entry.Term < term || entry.Term > request.Term)
            {
                return $"{Name(request)} has an entry {entry.Index} of term {entry.Term} after {before} of "
                    + $"term {term}";
            }
            if (!Fit(entry.LogTime) || !IsWhole(entry))
            {
                return $"{Name(request)} has an entry {entry.Index} of kind {entry.Kind} and time "
                    + $"{entry.LogTime} that nobody appended";
            }
            (before, term) = (entry.Index, entry.Term);
        }
        return null;
    }

    private static string? Problem(InstallSnapshot part)
    {
        var snapshot = part.Snapshot;
        var isInRange = Fit(snapshot.Index.Value, snapshot.Term.Value, snapshot.LogTime)
            && Fit(part.LogTime, part.Offset, part.TotalBytes);
        return !isInRange || snapshot.Index == LogIndex.Zero || snapshot.Term > part.Term ? OutOfRange(part)
            : snapshot.Membership is not { } membership || IsWhole(membership) ? null
            : $"{Name(part)} has a snapshot with members that are none";
    }

    private static bool IsWhole(LogEntry entry) => entry.Kind switch
    {
        EntryKind.Empty or EntryKind.Command => true,
        EntryKind.Membership => HasMembership(entry.Payload),
        _ => false,
    };

    private static bool HasMembership(byte[] payload)
    {
        try
        {
            return IsWhole(JsonSerializer.Deserialize(payload, ContractJson.Default.GroupMembership));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Read without its annotations, so that everything may be null.
    private static bool IsWhole(GroupMembership? membership) =>
        membership is { Members: { Count: > 0 } members, OutgoingVoters: { } outgoing }
        && members.Concat(outgoing).All(one => one is { Node.IsNone: false, DiskId: not null });

    // Also false for what is negative.
    private static bool Fit(long number) => (ulong)number <= Greatest;

    private static bool Fit(long one, long other) => Fit(one) && Fit(other);

    private static bool Fit(long one, long other, long third) => Fit(one) && Fit(other) && Fit(third);

    private static string OutOfRange(PeerMessage message) =>
        $"{Name(message)} of term {message.Term} has a number that cannot be";

    private static string Name(PeerMessage message) => $"a {message.GetType().Name} of {message.From}";
}

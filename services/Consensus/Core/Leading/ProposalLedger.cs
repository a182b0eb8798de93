using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// Admits proposals within the limits and remembers who wants to hear of the commit. When the leader steps
/// down it is dropped with what is open: those entries may yet be committed or not, and silence is the honest
/// answer.
/// </summary>
internal sealed class ProposalLedger(RaftOptions options)
{
    private readonly Queue<Open> open = new();
    private long uncommittedBytes;

    /// <summary>Why a proposal cannot be appended now; null when it can.</summary>
    public (ConsensusRefusal Reason, string Message)? Check(ProposeEntries proposal, ReplicatedLog log)
    {
        var payloads = proposal.Payloads;
        if (payloads.Count == 0) return (ConsensusRefusal.Invalid, "The proposal has no payloads.");
        var largest = payloads.Max(payload => payload.Length);
        if (largest > options.MaxPayloadBytes)
            return (ConsensusRefusal.PayloadTooLarge,
                $"A payload has {largest} bytes; at most {options.MaxPayloadBytes} are allowed.");
        var bytes = payloads.Sum(payload => (long)payload.Length + LogWindow.EntryOverhead);
        if (bytes > options.MaxUncommittedBytes)
            return (ConsensusRefusal.PayloadTooLarge,
                $"The proposal has {bytes} bytes; at most {options.MaxUncommittedBytes} may be uncommitted.");
        if (uncommittedBytes + bytes > options.MaxUncommittedBytes)
            return (ConsensusRefusal.Overloaded,
                $"{uncommittedBytes} bytes are uncommitted; at most {options.MaxUncommittedBytes} may be.");
        if (log.LastIndex - log.SnapshotIndex + payloads.Count > options.MaxLogEntries)
            return (ConsensusRefusal.LogFull,
                $"The log holds {log.LastIndex - log.SnapshotIndex} entries after its snapshot; " +
                $"at most {options.MaxLogEntries} are allowed.");
        if (log.Bytes + payloads.Sum(payload => LogWindow.KeptSizeOf(payload.Length)) > options.MaxLogBytes)
            return (ConsensusRefusal.LogFull,
                $"The log holds {log.Bytes} bytes; at most {options.MaxLogBytes} are allowed.");
        return null;
    }

    public void Appended(LogEntry entry) => uncommittedBytes += LogWindow.SizeOf(entry);

    public void AwaitCommit(ReplyAddress to, EntriesProposed answer) => open.Enqueue(new Open(to, answer));

    public void Committed(IReadOnlyList<LogEntry> entries, StepOutput output)
    {
        foreach (var entry in entries) uncommittedBytes -= LogWindow.SizeOf(entry);
        while (open.TryPeek(out var next) && entries.Count > 0 && next.Answer.LastIndex <= entries[^1].Index)
        {
            open.Dequeue();
            output.Reply(next.To, next.Answer);
        }
    }

    private sealed record Open(ReplyAddress To, EntriesProposed Answer);
}

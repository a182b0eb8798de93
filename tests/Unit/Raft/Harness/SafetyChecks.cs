using System.Security.Cryptography;
using System.Text;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Unit.Tests.Raft.Harness;

/// <summary>
/// The properties of figure 3 over everything that happens in a run, and what clients were told.
/// </summary>
internal sealed class SafetyChecks
{
    private readonly Dictionary<Term, NodeId> leaders = [];
    private readonly Dictionary<(LogIndex, Term), (string Payload, Term? Previous)> entries = [];
    private readonly Dictionary<LogIndex, (LogEntry Entry, Term Term)> committed = [];
    private readonly Dictionary<LogIndex, byte[]> digests = new() { [LogIndex.Zero] = [] };
    private readonly Dictionary<(LogIndex, Term), long> stampedAt = [];

    public LogIndex Head { get; private set; }

    public LogIndex Acknowledged { get; private set; }

    public int Acknowledgements { get; private set; }

    /// <summary>In this run, a disk has lost what it had acknowledged.</summary>
    public bool DisksForget { get; set; }

    public byte[] DigestAt(LogIndex index) => digests[index];

    public void OnStep(SimulatedNode node, RaftOutput output, long now)
    {
        foreach (var entry in output.Append) stampedAt.TryAdd((entry.Index, entry.Term), now);
        // Election safety: at most one leader in a term.
        if (node.Core.Role == RaftRole.Leader && !leaders.TryAdd(node.Core.Term, node.Id))
            Require(leaders[node.Core.Term] == node.Id,
                $"{node.Id} and {leaders[node.Core.Term]} lead {node.Core.Term}");
        // Where disks keep their word, no overtaking of messages may look as if one had not.
        Require(output.Lost.Count == 0 || DisksForget, $"{node.Id} takes a late message for a loss");
        OnAppend(node, output);
        OnCommit(node, output);
        if (output.Snapshot is { } snapshot)
            Require(snapshot.Payload.SequenceEqual(DigestAt(snapshot.Index)),
                $"{node.Id}: snapshot at {snapshot.Index}");
        if (node.Core.Role == RaftRole.Leader && output.Append.Any(entry => entry.Kind == EntryKind.Empty))
            CheckCompleteness(node);
    }

    public void OnAcknowledged(EntriesProposed answer, string payload)
    {
        var isCommitted = committed.TryGetValue(answer.LastIndex, out var found)
            && Encoding.ASCII.GetString(found.Entry.Payload) == payload;
        Require(isCommitted, $"{payload} acknowledged at {answer.LastIndex}");
        Acknowledgements++;
        if (answer.LastIndex > Acknowledged) Acknowledged = answer.LastIndex;
    }

    /// <summary>A read index must cover all that was acknowledged when it was asked for.</summary>
    public static void OnRead(ReadIndexFound answer, LogIndex acknowledgedBefore) =>
        Require(answer.Index >= acknowledgedBefore,
            $"stale read index {answer.Index}, acknowledged {acknowledgedBefore}");

    /// <summary>At the end, every node holds the same committed log to its head.</summary>
    public void CheckConverged(SimulatedNode node)
    {
        Require(node.Core.CommitIndex == Head, $"{node.Id} committed {node.Core.CommitIndex} of {Head}");
        foreach (var entry in node.Memory.Entries.Where(entry => entry.Index <= Head))
            CheckCommitted(node, entry);
    }

    // Log matching: an index and a term name one entry and one predecessor; by induction, one whole prefix.
    private void OnAppend(SimulatedNode node, RaftOutput output)
    {
        if (output.Append.Count == 0) return;
        var stored = node.Memory.Entries;
        for (var i = stored.Count - output.Append.Count; i < stored.Count; i++)
        {
            Term? previous = i > 0 ? stored[i - 1].Term : null;
            var value = (Convert.ToHexString(stored[i].Payload), previous);
            if (i > 0) Require(stored[i].LogTime >= stored[i - 1].LogTime,
                $"{node.Id}: log time fell at {stored[i].Index}");
            var key = (stored[i].Index, stored[i].Term);
            if (entries.TryAdd(key, value)) continue;
            var known = entries[key];
            Require(known.Payload == value.Item1, $"{node.Id}: another payload at {key}");
            Require(known.Previous is null || previous is null || known.Previous == previous,
                $"{node.Id}: another past at {key}");
        }
    }

    // State machine safety: no two nodes ever commit different entries at one index.
    private void OnCommit(SimulatedNode node, RaftOutput output)
    {
        foreach (var entry in output.Committed)
        {
            if (committed.TryAdd(entry.Index, (entry, node.Core.Term)))
            {
                Require(entry.Index == Head.Next(), $"{node.Id}: commit skips from {Head} to {entry.Index}");
                Head = entry.Index;
                CheckLogTime(node, entry);
                digests[Head] = SHA256.HashData([.. digests[Head.Previous()], .. entry.Payload])[..8];
            }

            CheckCommitted(node, entry);
        }
    }

    // A holder counts real time and the machines count log time: were it ever the faster one, a session would
    // expire before its holder knows.
    private void CheckLogTime(SimulatedNode node, LogEntry entry)
    {
        if (!committed.TryGetValue(entry.Index.Previous(), out var before)) return;
        var real = stampedAt[(entry.Index, entry.Term)] - stampedAt[(before.Entry.Index, before.Entry.Term)];
        var ran = entry.LogTime - before.Entry.LogTime;
        Require(ran <= real, $"{node.Id}: log time ran {ran} ms in {real} ms at {entry.Index}");
    }

    private void CheckCommitted(SimulatedNode node, LogEntry entry)
    {
        var known = committed[entry.Index].Entry;
        var isSame = known.Term == entry.Term && known.LogTime == entry.LogTime
            && known.Payload.SequenceEqual(entry.Payload);
        Require(isSame, $"{node.Id}: committed entry {entry.Index} differs");
    }

    // Leader completeness: what was committed in an earlier term is in every later leader's log.
    private void CheckCompleteness(SimulatedNode node)
    {
        var own = node.Memory.Entries.ToDictionary(entry => entry.Index, entry => entry.Term);
        var compacted = node.Memory.Snapshot?.Index ?? LogIndex.Zero;
        foreach (var (index, (entry, term)) in committed)
        {
            if (term >= node.Core.Term || index <= compacted) continue;
            Require(own.TryGetValue(index, out var found) && found == entry.Term,
                $"leader {node.Id} of {node.Core.Term} lacks {index}, committed in {term}");
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException($"Safety: {what}");
    }
}

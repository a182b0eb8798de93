using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// The properties of Raft's figure 3 over everything that every node does, that no running node's commit
/// index falls, and that a read index holds all that was committed when it was asked for.
/// </summary>
internal sealed class RaftChecks(Scheduler scheduler)
{
    // The clocks of two nodes may differ by this much at most; see FaultPlan.
    private const long ClockShare = 60;

    private readonly Dictionary<Term, string> _leaders = [];
    private readonly Dictionary<(LogIndex Index, Term Term), Stored> _stored = [];
    private readonly List<(LogEntry Entry, Term Term, long At)> _committed = [];
    private readonly Dictionary<string, LogIndex> _reached = [];
    private readonly Dictionary<string, LogIndex> _asked = new(StringComparer.Ordinal);

    /// <summary>The last index that any node knows to be committed.</summary>
    public LogIndex Head => new(_committed.Count);

    public int Elections => _leaders.Count;

    public int Memberships => _committed.Count(one => one.Entry.Kind == EntryKind.Membership);

    public int ReadIndexes { get; private set; }

    public LogEntry Committed(LogIndex index) => _committed[(int)index.Value - 1].Entry;

    /// <summary>
    /// A process begins with what is on its disk, which may be less than it knew: what it alone had, in
    /// memory only, never was in any log. Of one voter that is an election won, too: it may win its term
    /// again and make another entry of it.
    /// </summary>
    public void OnStarted(IRaftNode node)
    {
        _reached.Remove(node.Place);
        var log = node.Memory.Entries;
        var kept = node.Memory.Snapshot?.Index ?? LogIndex.Zero;
        foreach (var (id, stored) in _stored)
        {
            if (stored.OnlyBy == node.Place && id.Index > kept && !IsIn(log, id.Index, id.Term))
            {
                _stored.Remove(id);
            }
        }
    }

    public void OnStep(IRaftNode node, RaftOutput output)
    {
        CheckCommitIndex(node);
        if (node.Core.Role == RaftRole.Leader && !_leaders.TryAdd(node.Core.Term, node.Place)
            && _leaders[node.Core.Term] is var other && other != node.Place)
        {
            throw new SimulationFailure(
                "election safety", $"{node.Place} and {other} lead in term {node.Core.Term}");
        }
        OnAppended(node, output);
        foreach (var entry in output.Committed)
        {
            OnCommitted(node, entry);
        }
        if (node.Core.Role == RaftRole.Leader && output.Append.Any(entry => entry.Kind == EntryKind.Empty))
        {
            CheckCompleteness(node);
        }
    }

    public void OnReadAsked(string request) => _asked[request] = Head;

    public void OnReadIndex(IRaftNode node, string request, ReadIndexFound found)
    {
        ReadIndexes++;
        if (_asked.TryGetValue(request, out var before) && found.Index < before)
        {
            throw new SimulationFailure("linearizability",
                $"{node.Id} answers read index {found.Index}, "
                + $"and {before} was committed before it was asked");
        }
    }

    /// <summary>At the end: what was ever committed is on this node.</summary>
    public void CheckConverged(IRaftNode node)
    {
        if (node.Core.CommitIndex != Head)
        {
            throw new SimulationFailure(
                "durability", $"{node.Id} has committed {node.Core.CommitIndex} of {Head}");
        }
        foreach (var entry in node.Memory.Entries.Where(entry => entry.Index <= Head))
        {
            CheckSame(node, entry);
        }
    }

    private void CheckCommitIndex(IRaftNode node)
    {
        var before = _reached.GetValueOrDefault(node.Place);
        if (node.Core.CommitIndex < before)
        {
            throw new SimulationFailure(
                "commit index", $"{node.Id} goes back from {before} to {node.Core.CommitIndex}");
        }
        _reached[node.Place] = node.Core.CommitIndex;
    }

    // An index and a term name one entry and one predecessor; by induction, one whole log before it.
    private void OnAppended(IRaftNode node, RaftOutput output)
    {
        var log = node.Memory.Entries;
        for (var place = log.Count - output.Append.Count; place < log.Count; place++)
        {
            var entry = log[place];
            Term? previous = place > 0 ? log[place - 1].Term : null;
            var stored = new Stored(
                StateDigest.Of(entry.Payload), entry.LogTime, previous, scheduler.Now, node.Place);
            if (!_stored.TryAdd((entry.Index, entry.Term), stored))
            {
                var known = _stored[(entry.Index, entry.Term)];
                if (known.OnlyBy != node.Place)
                {
                    _stored[(entry.Index, entry.Term)] = known with { OnlyBy = null };
                }
                if (known.Payload != stored.Payload || known.LogTime != stored.LogTime
                    || (known.Previous is { } one && previous is { } two && one != two))
                {
                    throw new SimulationFailure("log matching",
                        $"{node.Id} stores another entry {entry.Index} of term {entry.Term} than others");
                }
            }
            if (place > 0 && entry.LogTime < log[place - 1].LogTime)
            {
                throw new SimulationFailure("log time", $"{node.Id}: it goes back at {entry.Index}");
            }
        }
    }

    private void OnCommitted(IRaftNode node, LogEntry entry)
    {
        if (entry.Index == Head.Next())
        {
            CheckLogTime(node, entry);
            var at = _stored.GetValueOrDefault((entry.Index, entry.Term)).At;
            _committed.Add((entry, node.Core.Term, at));
        }
        else if (entry.Index > Head)
        {
            throw new SimulationFailure(
                "state machine safety", $"{node.Id} commits {entry.Index} after {Head}");
        }
        CheckSame(node, entry);
    }

    // A holder counts real time and machines count log time: were that ever the faster one, a session would
    // expire before its holder knows.
    private void CheckLogTime(IRaftNode node, LogEntry entry)
    {
        if (_committed.Count == 0 || !_stored.TryGetValue((entry.Index, entry.Term), out var stored))
        {
            return;
        }
        var (before, _, at) = _committed[^1];
        var real = (stored.At - at) / Scheduler.Millisecond;
        var ran = entry.LogTime - before.LogTime;
        if (ran > real + (real / ClockShare) + 2)
        {
            throw new SimulationFailure(
                "log time", $"{node.Id}: it ran {ran} ms in {real} ms before {entry.Index}");
        }
    }

    private void CheckSame(IRaftNode node, LogEntry entry)
    {
        var known = Committed(entry.Index);
        if (known.Term != entry.Term || known.LogTime != entry.LogTime
            || !known.Payload.AsSpan().SequenceEqual(entry.Payload))
        {
            throw new SimulationFailure("state machine safety",
                $"{node.Id} has another entry {entry.Index} (term {entry.Term}) than was committed "
                + $"(term {known.Term})");
        }
    }

    private void CheckCompleteness(IRaftNode node)
    {
        var log = node.Memory.Entries;
        var compacted = node.Memory.Snapshot?.Index ?? LogIndex.Zero;
        foreach (var (entry, term, _) in _committed)
        {
            if (term >= node.Core.Term || entry.Index <= compacted)
            {
                continue;
            }
            if (!IsIn(log, entry.Index, entry.Term))
            {
                throw new SimulationFailure("leader completeness",
                    $"{node.Id} leads term {node.Core.Term} without {entry.Index}, committed in term {term}");
            }
        }
    }

    private static bool IsIn(IReadOnlyList<LogEntry> log, LogIndex index, Term term)
    {
        var place = log.Count == 0 ? -1 : index - log[0].Index;
        return place >= 0 && place < log.Count && log[(int)place].Term == term;
    }

    /// <summary>By <paramref name="OnlyBy"/>; null: by several nodes.</summary>
    private readonly record struct Stored(
        ulong Payload, long LogTime, Term? Previous, long At, string? OnlyBy);
}

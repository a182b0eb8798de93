using System.Text;
using Muster.Contracts;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// All checks of a run, and the first of them: every replica applies what was committed, and the same entries
/// give the same effects and the same state everywhere.
/// </summary>
internal sealed class RunChecks(Simulation world)
{
    private const long DigestEvery = 50;

    private readonly List<(ulong Entry, ulong Effects)> _applied = [];
    private readonly Dictionary<long, ulong> _digests = [];

    public RaftChecks Raft { get; } = new(world.Scheduler);

    public LockChecks Locks { get; } = new(world);

    public HistoryChecks History { get; } = new(world);

    public EventChecks Events { get; } = new();

    public void OnApplied(
        ReplicaProcess replica, LockMachine machine, AppliedEntry entry, IReadOnlyList<LockEffect> effects)
    {
        CheckCommitted(replica, entry);
        var seen = (DigestOf(entry), DigestOf(effects));
        var place = (int)entry.Index.Value - 1;
        if (place == _applied.Count)
        {
            _applied.Add(seen);
            world.Trace.Add("applied", replica.Name, entry.Index.Value, effects);
            Locks.OnApplied(entry, effects);
        }
        else if (place > _applied.Count || _applied[place] != seen)
        {
            throw new SimulationFailure("state machine safety",
                $"{replica.Origin} does something else at {entry.Index} than the first replica did");
        }
        if (entry.Index.Value % DigestEvery == 0)
        {
            Compare(replica, machine);
        }
    }

    public void OnRestored(ReplicaProcess replica, LockMachine machine)
    {
        world.Trace.Add("restored", replica.Name, machine.LastIndex.Value);
        Compare(replica, machine);
    }

    private void CheckCommitted(ReplicaProcess replica, AppliedEntry entry)
    {
        var isCommitted = entry.Index <= Raft.Head
            && Raft.Committed(entry.Index) is var known
            && known.LogTime == entry.LogTime && known.Payload.AsSpan().EndsWith(entry.Body.Span);
        if (!isCommitted)
        {
            throw new SimulationFailure("state machine safety",
                $"{replica.Origin} applies {entry.Index}, which is not what was committed there");
        }
    }

    private void Compare(ReplicaProcess replica, LockMachine machine)
    {
        var digest = machine.Digest();
        if (!_digests.TryAdd(machine.LastIndex.Value, digest) && _digests[machine.LastIndex.Value] != digest)
        {
            throw new SimulationFailure("state machine safety",
                $"{replica.Origin} has another state at {machine.LastIndex} than others");
        }
    }

    private static ulong DigestOf(AppliedEntry entry)
    {
        var digest = StateDigest.Of(entry.Body.Span);
        digest = StateDigest.Continue(digest, Encoding.UTF8.GetBytes(entry.Origin));
        return digest ^ (ulong)entry.LogTime ^ ((ulong)entry.IssuedAt << 20);
    }

    private static ulong DigestOf(IReadOnlyList<LockEffect> effects)
    {
        var digest = StateDigest.Empty;
        foreach (var effect in effects)
        {
            digest = StateDigest.Continue(digest, Encoding.UTF8.GetBytes(TraceText.Of(effect)));
        }
        return digest;
    }
}

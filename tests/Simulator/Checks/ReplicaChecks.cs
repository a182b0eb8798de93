using System.Text;
using Muster.Contracts;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// Every replica of a group applies what was committed, and the same entries give the same effects and the
/// same state everywhere. The first to apply an entry tells what it did.
/// </summary>
internal sealed class ReplicaChecks<TEffect>(
    Simulation world, RaftChecks raft, Action<AppliedEntry, IReadOnlyList<TEffect>> onFirst)
{
    private const long DigestEvery = 50;

    private readonly List<(ulong Entry, ulong Effects)> _applied = [];
    private readonly Dictionary<long, ulong> _digests = [];

    public required Func<TEffect, string> Text { get; init; }

    public void OnApplied(
        IReplica replica, AppliedEntry entry, IReadOnlyList<TEffect> effects, Func<ulong> digest)
    {
        CheckCommitted(replica, entry);
        var seen = (Entry: DigestOf(entry), Effects: DigestOf(effects));
        var place = (int)entry.Index.Value - 1;
        if (place == _applied.Count)
        {
            _applied.Add(seen);
            world.Trace.Add("applied", replica.Origin, entry.Index.Value, effects,
                TraceDigest.Mix(seen.Entry, seen.Effects));
            onFirst(entry, effects);
        }
        else if (place > _applied.Count || _applied[place] != seen)
        {
            throw new SimulationFailure("state machine safety",
                $"{replica.Origin} does something else at {entry.Index} than the first replica did");
        }
        if (entry.Index.Value % DigestEvery == 0)
        {
            Compare(replica, entry.Index, digest());
        }
    }

    public void OnRestored(IReplica replica, LogIndex lastIndex, Func<ulong> digest)
    {
        world.Counts.Count(Happening.ReplicaRestored);
        world.Trace.Add("restored", replica.Origin, lastIndex.Value);
        Compare(replica, lastIndex, digest());
    }

    private void CheckCommitted(IReplica replica, AppliedEntry entry)
    {
        var isCommitted = entry.Index <= raft.Head
            && raft.Committed(entry.Index) is var known
            && known.LogTime == entry.LogTime && known.Payload.AsSpan().EndsWith(entry.Body.Span);
        if (!isCommitted)
        {
            throw new SimulationFailure("state machine safety",
                $"{replica.Origin} applies {entry.Index}, which is not what was committed there");
        }
    }

    private void Compare(IReplica replica, LogIndex index, ulong digest)
    {
        if (!_digests.TryAdd(index.Value, digest) && _digests[index.Value] != digest)
        {
            throw new SimulationFailure("state machine safety",
                $"{replica.Origin} has another state at {index} than others");
        }
    }

    private static ulong DigestOf(AppliedEntry entry)
    {
        var digest = StateDigest.Of(entry.Body.Span);
        digest = StateDigest.Continue(digest, Encoding.UTF8.GetBytes(entry.Origin));
        return digest ^ (ulong)entry.LogTime ^ ((ulong)entry.IssuedAt << 20);
    }

    private ulong DigestOf(IReadOnlyList<TEffect> effects)
    {
        var digest = StateDigest.Empty;
        foreach (var effect in effects)
        {
            digest = StateDigest.Continue(digest, Encoding.UTF8.GetBytes(Text(effect)));
        }
        return digest;
    }
}

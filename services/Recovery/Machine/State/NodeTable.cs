using Muster.Contracts;

namespace Muster.Recovery.Machine;

/// <summary>
/// The last verdict on each node. Verdicts come from a queue, twice and out of order: the detectors' own
/// numbering says which is newer.
/// </summary>
internal sealed class NodeTable
{
    private readonly SortedDictionary<string, Verdict> _verdicts = new(StringComparer.Ordinal);

    /// <summary>By node, ordinally.</summary>
    public IEnumerable<Verdict> All => _verdicts.Values;

    /// <returns>False: this one, or a newer one, is known already.</returns>
    public bool Take(Verdict verdict)
    {
        if (_verdicts.TryGetValue(verdict.Node, out var known) && !verdict.IsNewerThan(known))
        {
            return false;
        }
        _verdicts[verdict.Node] = verdict;
        return true;
    }

    /// <summary>The newest number of an epoch; null when none of it is known.</summary>
    public long? NewestIn(long epoch) => _verdicts.Values
        .Where(verdict => verdict.Epoch == epoch)
        .Max(verdict => (long?)verdict.Number);

    /// <summary>A newer verdict on its node is about another incarnation.</summary>
    public bool IsOvertaken(Verdict verdict) =>
        _verdicts.TryGetValue(verdict.Node, out var known)
        && known.Incarnation != verdict.Incarnation && known.IsNewerThan(verdict);

    public Verdict? Find(string node) => _verdicts.GetValueOrDefault(node);

    public bool IsFailed(Identity identity) =>
        NewestOn(identity) is { IsFailed: true };

    public bool HasLeft(Identity identity) =>
        NewestOn(identity) is { HasLeft: true };

    /// <summary>The newest verdict is that this very process lives.</summary>
    public bool IsRestored(Identity identity) =>
        NewestOn(identity) is { IsFailed: false };

    private Verdict? NewestOn(Identity identity) =>
        _verdicts.TryGetValue(identity.Node, out var verdict)
        && verdict.Incarnation == identity.Incarnation
            ? verdict
            : null;

    /// <summary>
    /// Beyond the limit forgets the oldest verdicts on nodes that are nobody's, a tenth of all at once: they
    /// are sorted for it, which not every new name may cost.
    /// </summary>
    public void Bound(int most, Func<IReadOnlySet<string>> used)
    {
        if (_verdicts.Count <= most)
        {
            return;
        }
        var kept = used();
        var oldest = _verdicts.Values
            .Where(verdict => !kept.Contains(verdict.Node))
            .OrderBy(verdict => (verdict.Epoch, verdict.Number))
            .ThenBy(verdict => verdict.Node, StringComparer.Ordinal)
            .Take(_verdicts.Count - most + (most / 10))
            .ToList();
        oldest.ForEach(verdict => _verdicts.Remove(verdict.Node));
    }
}

/// <summary>
/// What the detectors last said of a node. One that left counts as failed, but needs no fence.
/// </summary>
internal sealed record Verdict(
    string Node, string Incarnation, bool IsFailed, long Epoch, long Number, bool HasLeft = false)
{
    public static Verdict Of(
        string node, string incarnation, bool isFailed, EventId id, bool hasLeft = false) =>
        new(node, incarnation, isFailed, id.Epoch, id.Number, hasLeft);

    public bool IsNewerThan(Verdict other) =>
        (Epoch, Number).CompareTo((other.Epoch, other.Number)) > 0;
}

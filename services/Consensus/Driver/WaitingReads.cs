using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>
/// Bounds what a round of the loop spends on answers with entries and snapshots: hundreds may be asked for
/// at once, as when all replicas start, and writing them out takes longer than an election. What is above
/// waits for the next rounds, in its order, and when too much does, is refused.
/// </summary>
internal sealed class WaitingReads
{
    /// <summary>An answer more than that leaves in a round: one of some MiB must leave too.</summary>
    private const long BytesAtOnce = 4 * 1024 * 1024;

    /// <summary>Who asked has given up before that many were answered.</summary>
    public const int MostWaiting = 100;

    /// <summary>Of an answer and of each entry in it.</summary>
    private const int Overhead = 256;

    private readonly Queue<RequestArrived> _waiting = [];
    private long _left;

    public bool Any => _waiting.Count > 0;

    public void BeginRound() => _left = BytesAtOnce;

    /// <summary>The next that waits and may be answered in this round; null: none.</summary>
    public RequestArrived? Next() => _left > 0 && _waiting.TryDequeue(out var next) ? next : null;

    /// <summary>Whether a read may be answered now. Those that wait have been taken before it.</summary>
    public bool MayAnswer => _left > 0;

    /// <summary>Keeps one for the next rounds; false when too many wait.</summary>
    public bool TryKeep(RequestArrived read)
    {
        if (_waiting.Count >= MostWaiting) return false;
        _waiting.Enqueue(read);
        return true;
    }

    public void Answered(object answer) => _left -= Overhead + answer switch
    {
        EntriesRead read => read.Entries.Sum(entry => (long)entry.Payload.Length + Overhead),
        SnapshotRead read => read.Snapshot?.Payload.Length ?? 0,
        _ => 0,
    };
}

using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Load.Floors;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>
/// Entries of one size, sent as a replica sends its own: a few messages unanswered at a time, and what waits
/// meanwhile goes with the next. Unlike a replica's, the leader answers each message once it is committed.
/// </summary>
/// <param name="names">Of the cluster.</param>
/// <param name="snapshotBytes">What the machine that is not there would have for its state.</param>
/// <param name="entryBytes">Of each payload.</param>
internal sealed class Proposals(
    BusNames names, int snapshotBytes = Payload.Bytes, int entryBytes = Payload.Bytes) : IRequestKind
{
    private const int Batch = 256;

    /// <summary>As the lock service does: without snapshots the log would run full.</summary>
    private const long SnapshotEvery = 20_000;

    /// <summary>Far enough back that every node that is not ill has committed it.</summary>
    private const long SnapshotLag = 2_000;

    private static readonly byte[] Entry = NewEntry(Payload.Bytes);
    private readonly byte[] _entry = NewEntry(entryBytes);
    private readonly byte[] _snapshot = new byte[snapshotBytes];
    private long _snapshots;

    /// <summary>Until it is taken back the log is cut again and again, and never full.</summary>
    public bool OffersSnapshots { get; set; } = true;

    public int MostPerMessage => Batch;

    public int MostMessages => 4;

    public Type Answer => typeof(EntriesProposed);

    public static ProposeEntries Message(string id, int entries) => Message(id, entries, Entry);

    public void Send(IBusLink link, string leader, string requestId, int operations) =>
        link.Send(leader, Message(requestId, operations, _entry), AnswerRoute.To(link, requestId));

    private static ProposeEntries Message(string id, int entries, byte[] entry) => new()
    {
        Group = ClusterPlan.LoadGroup,
        ProposalId = id,
        Payloads = [.. Enumerable.Repeat(entry, entries)],
        WantsAnswer = true,
    };

    public void Answered(IBusLink link, LinkMessage answer)
    {
        var proposed = answer.Read<EntriesProposed>();
        var upTo = proposed.LastIndex.Value - SnapshotLag;
        if (OffersSnapshots && upTo / SnapshotEvery > _snapshots)
        {
            _snapshots = upTo / SnapshotEvery;
            link.Publish(names.AllConsensusNodes, new StoreSnapshot
            {
                Group = ClusterPlan.LoadGroup,
                LogId = proposed.LogId,
                Index = new LogIndex(upTo),
                Payload = _snapshot,
            });
        }
    }

    private static byte[] NewEntry(int bytes)
    {
        var entry = new byte[bytes];
        new Random(1).NextBytes(entry);
        return entry;
    }
}

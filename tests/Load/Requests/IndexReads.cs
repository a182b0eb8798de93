using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>
/// ReadIndex, which every linearizable read begins with: each in a message of its own, or, as a replica asks,
/// one question in flight for all reads that waited when it was sent.
/// </summary>
internal sealed class IndexReads : IRequestKind
{
    private IndexReads(int mostMessages, int mostPerMessage) =>
        (MostMessages, MostPerMessage) = (mostMessages, mostPerMessage);

    public int MostPerMessage { get; }

    public int MostMessages { get; }

    public Type Answer => typeof(ReadIndexFound);

    public static IndexReads Each(int outstanding) => new(outstanding, 1);

    public static IndexReads Together(int outstanding) => new(1, outstanding);

    public void Send(IBusLink link, string leader, string requestId, int operations) => link.Send(
        leader, new ReadIndex { Group = ClusterPlan.LoadGroup, RequestId = requestId },
        AnswerRoute.To(link, requestId));

    public void Answered(IBusLink link, LinkMessage answer) => answer.Read<ReadIndexFound>();
}

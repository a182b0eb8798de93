using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>
/// ReadIndex, which every linearizable read begins with. Each in a message of its own; a replica would ask
/// once for all reads that wait.
/// </summary>
internal sealed class IndexReads(int mostMessages) : IRequestKind
{
    public int MostPerMessage => 1;

    public int MostMessages => mostMessages;

    public Type Answer => typeof(ReadIndexFound);

    public void Send(IBusLink link, string leader, string requestId, int operations) => link.Send(
        leader, new ReadIndex { Group = ClusterPlan.LoadGroup, RequestId = requestId },
        AnswerRoute.To(link, requestId));

    public void Answered(IBusLink link, LinkMessage answer) => answer.Read<ReadIndexFound>();
}

using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>A question that a node answers in its loop by itself: the shortest way through a node.</summary>
internal sealed class Descriptions : IRequestKind
{
    public int MostPerMessage => 1;

    public int MostMessages => 1;

    public Type Answer => typeof(GroupDescription);

    public void Send(IBusLink link, string leader, string requestId, int operations) => link.Send(
        leader, new DescribeGroup { Group = ClusterPlan.LoadGroup, RequestId = requestId },
        AnswerRoute.To(link, requestId));

    public void Answered(IBusLink link, LinkMessage answer) => answer.Read<GroupDescription>();
}

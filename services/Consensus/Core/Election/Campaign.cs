using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// One round of pre-votes or votes. Answers to requests of an earlier round are not counted, and a node
/// counts once.
/// </summary>
internal sealed class Campaign
{
    private readonly GroupIdentity identity;
    private readonly Configuration members;
    private readonly HashSet<NodeId> granted = [];
    private long firstRequestId;
    private bool yielded;

    public Campaign(GroupIdentity identity, Configuration members, long firstRequestId)
    {
        (this.identity, this.members) = (identity, members);
        Restart(firstRequestId);
    }

    /// <summary>
    /// When to ask those again who have not granted: a request may be lost, or come too early for its
    /// receiver.
    /// </summary>
    public long RetryAt { get; private set; }

    public bool IsWon => members.IsMajority(granted);

    public IEnumerable<NodeId> Missing => members.Voters
        .Where(voter => voter != identity.Self && !granted.Contains(voter));

    public void Granted(NodeId node, long requestId, long lastRequestId)
    {
        if (requestId >= firstRequestId && requestId <= lastRequestId) granted.Add(node);
    }

    public void Asked(long retryAt) => RetryAt = retryAt;

    /// <summary>
    /// Two that stand at the same moment would each vote for themselves and lose a whole timeout. The one of
    /// lower rank drops its round and asks again a little later; only once, so that an unlucky first one
    /// cannot hold it back for ever.
    /// </summary>
    public bool TryYield(long nextRequestId, long retryAt)
    {
        if (yielded) return false;
        yielded = true;
        Restart(nextRequestId);
        RetryAt = retryAt;
        return true;
    }

    private void Restart(long requestId)
    {
        firstRequestId = requestId;
        granted.Clear();
        if (identity.IsVoterOf(members)) granted.Add(identity.Self);
    }
}

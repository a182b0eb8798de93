using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// Who is told when a change of the members is committed. Dropped with the leadership: the change may yet be
/// committed or not, and who asked asks again.
/// </summary>
internal sealed class PendingChange
{
    private (ReplyAddress From, string RequestId)? open;

    public void Begin(ReplyAddress from, string requestId) => open = (from, requestId);

    public (ReplyAddress From, string RequestId)? Take()
    {
        var taken = open;
        open = null;
        return taken;
    }
}

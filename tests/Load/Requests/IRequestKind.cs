using Muster.Bus;
using Muster.Contracts;

namespace Muster.Load.Requests;

/// <summary>A question to the leader of a group, and how much of it one message carries.</summary>
internal interface IRequestKind
{
    /// <summary>Operations in one message at most.</summary>
    int MostPerMessage { get; }

    /// <summary>Unanswered messages at most; beyond it operations wait, and then travel together.</summary>
    int MostMessages { get; }

    /// <summary>The contract of the answer that means done.</summary>
    Type Answer { get; }

    void Send(IBusLink link, string leader, string requestId, int operations);

    /// <summary>Takes note of an answer.</summary>
    void Answered(IBusLink link, LinkMessage answer);
}

internal static class AnswerRoute
{
    public static SendOptions To(IBusLink link, string requestId) =>
        new() { CorrelationId = requestId, ReplyTo = ReplyAddress.InboxScheme + link.Address };
}

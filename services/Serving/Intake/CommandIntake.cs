using Muster.Contracts;
using Muster.Replication;
using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>
/// Commands to proposals and queries to reads, whatever lane they came by. The service's own intake says
/// which is which. Thread-safe, never blocks.
/// </summary>
/// <param name="runtime">The replica.</param>
/// <param name="pending">What its sink settles.</param>
/// <param name="replies">For sending; nothing is gathered.</param>
/// <param name="overloaded">
/// By command id, the answer when no command is taken now, and why; null: too many wait.
/// </param>
public sealed class CommandIntake<TCommand, TEffect, TReply>(
    ReplicaRuntime<TCommand, TEffect> runtime, PendingAnswers pending, ReplyBatches<TReply> replies,
    Func<string, string?, TReply> overloaded)
    where TReply : class
{
    /// <summary>
    /// Proposes a command; <paramref name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    /// <param name="command">As the log takes it.</param>
    /// <param name="commandId">Not empty: the answer finds its message by it.</param>
    /// <param name="to">Where the answer goes; null: nobody waits for it.</param>
    /// <param name="settled">The command's message may be acknowledged.</param>
    public void Propose(TCommand command, string commandId, ReplyAddress? to, Action settled)
    {
        if (!pending.TryAdd(to, commandId, settled))
        {
            return;
        }
        var halt = WhyHalted(runtime.Status);
        if (halt is not null || !runtime.TrySubmit(command))
        {
            replies.Send(to, overloaded(commandId, halt));
            pending.Settle(to, commandId);
        }
    }

    /// <summary>
    /// A linearizable read: <paramref name="query"/> runs on the replica's loop, <paramref name="answer"/>
    /// sends what it gave, or that nobody knows, and then <paramref name="settled"/> is called.
    /// </summary>
    public void Read<TMachine, TAnswer>(
        Func<TMachine, TAnswer> query, Action<QueryAnswer<TAnswer>> answer, Action settled)
        where TMachine : IStateMachine<TEffect> =>
        _ = ReadAsync(query, answer, settled);

    /// <summary>Without the error and the way past it: those are the operator's, and on the health page.
    /// </summary>
    private static string? WhyHalted(ReplicaStatus status) =>
        status.View.HaltedAt is var index && index > LogIndex.Zero
            ? $"The replica is halted before entry {index} of group {status.Group}, which it cannot apply: "
                + "its health page says why. Send again later; another replica may take it."
            : null;

    private async Task ReadAsync<TMachine, TAnswer>(
        Func<TMachine, TAnswer> query, Action<QueryAnswer<TAnswer>> answer, Action settled)
        where TMachine : IStateMachine<TEffect>
    {
        try
        {
            answer(await runtime.ReadAsync(query, CancellationToken.None));
        }
        finally
        {
            settled();
        }
    }
}

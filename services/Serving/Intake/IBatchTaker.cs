using Muster.Contracts;

namespace Muster.Serving;

/// <summary>What a service does with the commands of a client's batch.</summary>
public interface IBatchTaker<TBatch, TCommand>
    where TBatch : class
    where TCommand : class
{
    /// <summary>Where the batch itself asks for its answers.</summary>
    ReplyAddress? ReplyToOf(TBatch batch);

    IReadOnlyList<TCommand?> CommandsOf(TBatch batch);

    /// <summary>
    /// Whether it is one command: a bare-JSON sender may send one of no kind, of two kinds, or null.
    /// </summary>
    bool IsOfOneKind(TCommand? command);

    /// <summary>
    /// Takes a command of one kind, with the batch's address where it names none itself; <paramref
    /// name="settled"/> is called once, after its first answer is sent.
    /// </summary>
    void Take(TCommand command, ReplyAddress? sender, Action settled);

    /// <summary>The sender's span; null: not traced.</summary>
    string? TraceParentOf(TCommand command);

    /// <summary>The id of a command of one kind; empty when it has none.</summary>
    string IdOf(TCommand command);

    /// <summary>
    /// Answers that the batch, or one of its commands, is not in order. The id is empty when it is no
    /// certain command's.
    /// </summary>
    void Refuse(string commandId, ReplyAddress? sender, string why);
}

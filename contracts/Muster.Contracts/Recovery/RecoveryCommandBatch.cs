namespace Muster.Contracts.Recovery;

/// <summary>
/// Many commands of one process in one message; each has its own answer. At most 100. Answers: one or more
/// <see cref="RecoveryReplyBatch"/>.
/// </summary>
public sealed record RecoveryCommandBatch
{
    /// <summary>
    /// Where the answers of all its commands go that name no address themselves. Null: where the message asks
    /// for them.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }

    /// <summary>
    /// 1 to 100, each taken for itself, in no certain order. An empty or larger batch is refused as a whole:
    /// BatchInvalid, without a command id.
    /// </summary>
    public IReadOnlyList<RecoveryCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command or query: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record RecoveryCommand
{
    /// <summary>
    /// Answered with <see cref="RecoveryReply.RecoveryAccepted"/>, unless refused or unknown.
    /// </summary>
    public RegisterPolicy? RegisterPolicy { get; init; }

    /// <summary>
    /// Answered with <see cref="RecoveryReply.RecoveryAccepted"/>, unless refused or unknown.
    /// </summary>
    public RegisterStandby? RegisterStandby { get; init; }

    /// <summary>
    /// Answered with <see cref="RecoveryReply.RecoveryAccepted"/>, unless refused or unknown.
    /// </summary>
    public WithdrawStandby? WithdrawStandby { get; init; }

    /// <summary>
    /// Answered with <see cref="RecoveryReply.RecoveryAccepted"/>, unless refused or unknown.
    /// </summary>
    public PromoteStandby? PromoteStandby { get; init; }

    /// <summary>
    /// Answered with <see cref="RecoveryReply.RecoveryAccepted"/>, unless refused or unknown.
    /// </summary>
    public ConfirmPromotion? ConfirmPromotion { get; init; }

    /// <summary>
    /// Answered with <see cref="RecoveryReply.RecoveryAccepted"/>, unless refused or unknown.
    /// </summary>
    public RemoveGroup? RemoveGroup { get; init; }

    /// <summary>Answered with <see cref="RecoveryReply.StateWritten"/>, unless refused or unknown.</summary>
    public UpdateState? UpdateState { get; init; }

    /// <summary>
    /// Answered with <see cref="RecoveryReply.StateRecovered"/>, unless refused or unknown.
    /// </summary>
    public RecoverState? RecoverState { get; init; }

    /// <summary>
    /// Answered with <see cref="RecoveryReply.RecoveryEventsRead"/>, unless refused or unknown.
    /// </summary>
    public ReadRecoveryEvents? ReadRecoveryEvents { get; init; }

    /// <summary>
    /// The sender's span, as W3C's <c>traceparent</c> has it: the service's part becomes its child. Not part
    /// of the command, and not in the log. Null: not traced.
    /// </summary>
    public string? TraceParent { get; init; }
}

/// <summary>
/// Answers to commands of batches, in the order in which they came to be; may mix those of several batches.
/// </summary>
public sealed record RecoveryReplyBatch
{
    /// <summary>1 to 256; each is matched by its command id.</summary>
    public IReadOnlyList<RecoveryReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record RecoveryReply
{
    /// <summary>Of a command about a group or its members.</summary>
    public RecoveryAccepted? RecoveryAccepted { get; init; }

    /// <summary>Of <see cref="RecoveryCommand.UpdateState"/>.</summary>
    public StateWritten? StateWritten { get; init; }

    /// <summary>Of <see cref="RecoveryCommand.RecoverState"/>.</summary>
    public StateRecovered? StateRecovered { get; init; }

    /// <summary>Of <see cref="RecoveryCommand.ReadRecoveryEvents"/>.</summary>
    public RecoveryEventsRead? RecoveryEventsRead { get; init; }

    /// <summary>Of any command or query, or of a batch as a whole.</summary>
    public RecoveryRefused? RecoveryRefused { get; init; }

    /// <summary>Of any command or query.</summary>
    public RecoveryUnknown? RecoveryUnknown { get; init; }
}

namespace Muster.Contracts.Recovery;

/// <summary>
/// Many commands of one process in one message; each has its own answer. At most 100. Answers: one or more
/// <see cref="RecoveryReplyBatch"/>.
/// </summary>
public sealed record RecoveryCommandBatch
{
    public ReplyAddress? ReplyTo { get; init; }

    public IReadOnlyList<RecoveryCommand> Commands { get; init; } = [];
}

/// <summary>
/// One command or query: exactly one of the properties is set, beside <see cref="TraceParent"/>.
/// </summary>
public sealed record RecoveryCommand
{
    public RegisterPolicy? RegisterPolicy { get; init; }

    public RegisterStandby? RegisterStandby { get; init; }

    public WithdrawStandby? WithdrawStandby { get; init; }

    public PromoteStandby? PromoteStandby { get; init; }

    public ConfirmPromotion? ConfirmPromotion { get; init; }

    public RemoveGroup? RemoveGroup { get; init; }

    public UpdateState? UpdateState { get; init; }

    public RecoverState? RecoverState { get; init; }

    public ReadRecoveryEvents? ReadRecoveryEvents { get; init; }

    /// <summary>
    /// The sender's span, as W3C's <c>traceparent</c> has it: the service's part becomes its child. Not part
    /// of the command, and not in the log. Null: not traced.
    /// </summary>
    public string? TraceParent { get; init; }
}

public sealed record RecoveryReplyBatch
{
    public IReadOnlyList<RecoveryReply> Replies { get; init; } = [];
}

/// <summary>One answer: exactly one of the properties is set.</summary>
public sealed record RecoveryReply
{
    public RecoveryAccepted? RecoveryAccepted { get; init; }

    public StateWritten? StateWritten { get; init; }

    public StateRecovered? StateRecovered { get; init; }

    public RecoveryEventsRead? RecoveryEventsRead { get; init; }

    public RecoveryRefused? RecoveryRefused { get; init; }

    public RecoveryUnknown? RecoveryUnknown { get; init; }
}

using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>The body of one entry of the recovery group's log: commands, applied in their order.</summary>
public sealed record RecoveryEntry
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public IReadOnlyList<RecoveryEntryCommand> Commands { get; init; } = [];
}

/// <summary>One command of an entry: exactly one of the properties is set.</summary>
public sealed record RecoveryEntryCommand
{
    public RegisterPolicy? RegisterPolicy { get; init; }

    public RegisterStandby? RegisterStandby { get; init; }

    public WithdrawStandby? WithdrawStandby { get; init; }

    public PromoteStandby? PromoteStandby { get; init; }

    public ConfirmPromotion? ConfirmPromotion { get; init; }

    public RemoveGroup? RemoveGroup { get; init; }

    public UpdateState? UpdateState { get; init; }

    /// <summary>A verdict of the detectors.</summary>
    public NodeFailed? NodeFailed { get; init; }

    public NodeRestored? NodeRestored { get; init; }

    public NodeLeft? NodeLeft { get; init; }

    public ClaimRecovery? ClaimRecovery { get; init; }

    public StepDone? StepDone { get; init; }

    /// <summary>The service's own: founding, publishing, restoring.</summary>
    public GroupCommand? Group { get; init; }

    internal bool HasOneKind =>
        Count(RegisterPolicy) + Count(RegisterStandby) + Count(WithdrawStandby) + Count(PromoteStandby)
        + Count(ConfirmPromotion) + Count(RemoveGroup) + Count(UpdateState) + Count(NodeFailed)
        + Count(NodeRestored) + Count(NodeLeft) + Count(ClaimRecovery) + Count(StepDone) + Count(Group) == 1
        && Group is null or { HasOneKind: true };

    private static int Count(object? kind) => kind is null ? 0 : 1;
}

/// <summary>
/// What every replicated service proposes for itself: exactly one of the properties is set.
/// </summary>
public sealed record GroupCommand
{
    public Genesis? Genesis { get; init; }

    public OutboxClaim? OutboxClaim { get; init; }

    public OutboxPublished? OutboxPublished { get; init; }

    public StateRestoration? StateRestoration { get; init; }

    internal bool HasOneKind =>
        new object?[] { Genesis, OutboxClaim, OutboxPublished, StateRestoration }
            .Count(kind => kind is not null) == 1;
}

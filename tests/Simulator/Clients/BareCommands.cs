using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>Commands as a simple sender writes them.</summary>
internal static class BareCommands
{
    public static LockCommand WithoutSequence(LockCommand command) => command switch
    {
        { AcquireLock: { } acquire } =>
            new() { AcquireLock = acquire with { Sequence = null, AnsweredBelow = 0 } },
        { CancelAcquire: { } cancel } =>
            new() { CancelAcquire = cancel with { Sequence = null, AnsweredBelow = 0 } },
        { ReleaseLock: { } release } =>
            new() { ReleaseLock = release with { Sequence = null, AnsweredBelow = 0 } },
        { UpgradeLock: { } upgrade } =>
            new() { UpgradeLock = upgrade with { Sequence = null, AnsweredBelow = 0 } },
        _ => command,
    };

    public static string IdOf(LockCommand command) =>
        command.AcquireLock?.CommandId ?? command.CancelAcquire?.CommandId ?? command.ReleaseLock?.CommandId
        ?? command.OpenSession?.CommandId ?? command.CloseSession?.CommandId
        ?? command.DescribeLock?.CommandId ?? command.UpgradeLock?.CommandId ?? command.BreakLock?.CommandId
        ?? throw new InvalidOperationException($"A command of a kind that no client here sends: {command}");
}

global using DecisionCalls = Muster.Client.CallTable<
    Muster.Contracts.Decisions.DecisionCommand, Muster.Contracts.Decisions.DecisionReply>;
global using LockCall = Muster.Client.Call<
    Muster.Contracts.Lock.LockCommand, Muster.Contracts.Lock.LockReply>;
global using LockCalls = Muster.Client.CallTable<
    Muster.Contracts.Lock.LockCommand, Muster.Contracts.Lock.LockReply>;
global using RecoveryCall = Muster.Client.Call<
    Muster.Contracts.Recovery.RecoveryCommand, Muster.Contracts.Recovery.RecoveryReply>;
global using RecoveryCalls = Muster.Client.CallTable<
    Muster.Contracts.Recovery.RecoveryCommand, Muster.Contracts.Recovery.RecoveryReply>;
global using RegistryCall = Muster.Client.Call<
    Muster.Contracts.Registry.RegistryCommand, Muster.Contracts.Registry.RegistryReply>;
global using RegistryCalls = Muster.Client.CallTable<
    Muster.Contracts.Registry.RegistryCommand, Muster.Contracts.Registry.RegistryReply>;
using Muster.Contracts.Decisions;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Client;

internal enum AnswerMeaning
{
    /// <summary>The command's outcome.</summary>
    Final,

    /// <summary>The outcome follows later by itself.</summary>
    Queued,

    /// <summary>No outcome yet; the service wants the command again under the same id.</summary>
    Again,
}

/// <summary>How one service's answers are told apart.</summary>
internal sealed record CallKind<TReply>(
    int MaxBatch, Func<TReply, string?> CommandId, Func<TReply, AnswerMeaning> Meaning);

internal static class CallKinds
{
    public static CallKind<LockReply> Lock { get; } = new(256, IdOf, reply => reply switch
    {
        { LockUnknown: not null }
            or { LockRefused.Reason: LockRefusal.NotReady or LockRefusal.Overloaded }
            => AnswerMeaning.Again,
        { LockQueued: not null } => AnswerMeaning.Queued,
        _ => AnswerMeaning.Final,
    });

    public static CallKind<RegistryReply> Registry { get; } = new(256, IdOf, reply => reply switch
    {
        { RegistryUnknown: not null }
            or { RegistryRefused.Reason: RegistryRefusal.NotReady or RegistryRefusal.Overloaded }
            => AnswerMeaning.Again,
        _ => AnswerMeaning.Final,
    });

    public static CallKind<DecisionReply> Decisions { get; } = new(256, IdOf, reply => reply switch
    {
        { DecisionUnknown: not null }
            or { DecisionRefused.Reason: DecisionRefusal.NotReady or DecisionRefusal.Overloaded }
            => AnswerMeaning.Again,
        _ => AnswerMeaning.Final,
    });

    // The recovery service takes 100 at most, and states are large.
    public static CallKind<RecoveryReply> Recovery { get; } = new(64, IdOf, reply => reply switch
    {
        { RecoveryUnknown: not null }
            or { RecoveryRefused.Reason: RecoveryRefusal.NotReady or RecoveryRefusal.Overloaded }
            => AnswerMeaning.Again,
        _ => AnswerMeaning.Final,
    });

    /// <summary>
    /// Stands for an answer that fits no command: the service is of another version. So do its siblings.
    /// </summary>
    public static LockRefused OddLockAnswer { get; } =
        new() { Reason = LockRefusal.BatchInvalid, Message = OddAnswer };

    public static RegistryRefused OddRegistryAnswer { get; } =
        new() { Reason = RegistryRefusal.BatchInvalid, Message = OddAnswer };

    public static RecoveryRefused OddRecoveryAnswer { get; } =
        new() { Reason = RecoveryRefusal.BatchInvalid, Message = OddAnswer };

    public static DecisionRefused OddDecisionAnswer { get; } =
        new() { Reason = DecisionRefusal.BatchInvalid, Message = OddAnswer };

    /// <summary>Null: not a refusal.</summary>
    public static Enum? RefusalOf(object reply) => reply switch
    {
        LockReply { LockRefused: { } refused } => refused.Reason,
        RegistryReply { RegistryRefused: { } refused } => refused.Reason,
        RecoveryReply { RecoveryRefused: { } refused } => refused.Reason,
        DecisionReply { DecisionRefused: { } refused } => refused.Reason,
        _ => null,
    };

    /// <summary>A refusal of this copy alone: nobody knows whether an earlier one was done.</summary>
    public static bool MayBeDone(object reply) =>
        reply is RecoveryReply { RecoveryRefused.MayBeDone: true };

    /// <summary>What a refusal is thrown as; null: not a refusal.</summary>
    public static MusterRefusedException? ExceptionOf(object reply) => reply switch
    {
        LockReply { LockRefused: { } refused } => ToException(refused),
        RegistryReply { RegistryRefused: { } refused } => ToException(refused),
        RecoveryReply { RecoveryRefused: { } refused } => ToException(refused),
        DecisionReply { DecisionRefused: { } refused } => ToException(refused),
        _ => null,
    };

    /// <summary>The command with its caller's span.</summary>
    public static TCommand Traced<TCommand>(TCommand command, string traceParent) => (TCommand)(command switch
    {
        LockCommand traced => traced with { TraceParent = traceParent },
        RegistryCommand traced => traced with { TraceParent = traceParent },
        RecoveryCommand traced => traced with { TraceParent = traceParent },
        DecisionCommand traced => traced with { TraceParent = traceParent },
        _ => (object)command!,
    });

    private const string OddAnswer = "The answer is of no known kind.";

    public static MusterRefusedException ToException(LockRefused? refusal)
    {
        refusal ??= OddLockAnswer;
        return new MusterRefusedException(refusal.Reason, refusal.Message);
    }

    public static MusterRefusedException ToException(RegistryRefused? refusal) =>
        (refusal ?? OddRegistryAnswer) switch
        {
            { Reason: RegistryRefusal.VersionMismatch } mismatch => new ConfigConflictException(
                mismatch.Message, mismatch.Current is { } current ? ConfigValue.Of(current) : null),
            var other => new MusterRefusedException(other.Reason, other.Message),
        };

    public static MusterRefusedException ToException(RecoveryRefused? refusal)
    {
        refusal ??= OddRecoveryAnswer;
        return new MusterRefusedException(refusal.Reason, refusal.Message);
    }

    public static MusterRefusedException ToException(DecisionRefused? refusal)
    {
        refusal ??= OddDecisionAnswer;
        return new MusterRefusedException(refusal.Reason, refusal.Message);
    }

    private static string? IdOf(LockReply reply) =>
        reply.LockGranted?.CommandId ?? reply.LockQueued?.CommandId ?? reply.LockReleased?.CommandId
        ?? reply.LockRefused?.CommandId ?? reply.AcquireCancelled?.CommandId ?? reply.SessionOpened?.CommandId
        ?? reply.LockDescription?.CommandId ?? reply.SessionClosed?.CommandId ?? reply.LockUnknown?.CommandId
        ?? reply.LockBroken?.CommandId ?? reply.LeaderObserved?.CommandId ?? reply.LocksListed?.CommandId
        ?? reply.DeadlocksFound?.CommandId ?? reply.NamespaceLimitsSet?.CommandId
        ?? reply.NamespacesDescribed?.CommandId ?? reply.LockHistoryRead?.CommandId
        ?? reply.ValueProclaimed?.CommandId;

    private static string? IdOf(RegistryReply reply) =>
        reply.InstanceAccepted?.CommandId ?? reply.ConfigWritten?.CommandId
        ?? reply.ServiceResolved?.CommandId ?? reply.ServicesListed?.CommandId ?? reply.ConfigRead?.CommandId
        ?? reply.ConfigListed?.CommandId ?? reply.RegistryEventsRead?.CommandId
        ?? reply.RegistryRefused?.CommandId ?? reply.RegistryUnknown?.CommandId;

    private static string? IdOf(RecoveryReply reply) =>
        reply.RecoveryAccepted?.CommandId ?? reply.StateWritten?.CommandId ?? reply.StateRecovered?.CommandId
        ?? reply.RecoveryEventsRead?.CommandId ?? reply.RecoveryRefused?.CommandId
        ?? reply.RecoveryUnknown?.CommandId;

    private static string? IdOf(DecisionReply reply) =>
        reply.ValueProposed?.CommandId ?? reply.DecisionRead?.CommandId ?? reply.DecisionsListed?.CommandId
        ?? reply.DecisionEventsRead?.CommandId ?? reply.DecisionRefused?.CommandId
        ?? reply.DecisionUnknown?.CommandId;
}

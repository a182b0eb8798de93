using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// The lock table as a deterministic machine: sessions, FIFO locks of all modes with fencing tokens, waits,
/// the answers already given, the event stream and the outbox. Each entry first moves time on, then ends what
/// is due, then runs its commands.
/// </summary>
public sealed partial class LockMachine
    : IOutboxMachine<LockEffect, LockEvent, LockReply>, IRestorableMachine
{
    /// <summary>In every backup of this machine.</summary>
    public const string MachineKind = "lock";

    private LockState _state = NewState();

    public long Time => _state.Clock.Time;

    public long? NextDeadline => MachineClock.Earlier(
        MachineClock.Earlier(_state.Sessions.FirstDeadline, _state.Locks.FirstDeadline),
        ExactlyOnce.NextPlace(_state.Answers));

    public IReadOnlyList<LockEffect> Apply(AppliedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Index <= _state.LastIndex)
        {
            throw new InvalidOperationException($"Entry {entry.Index} comes after entry {_state.LastIndex}.");
        }
        // Read whole before anything changes: what cannot be read stops the replica between two entries.
        var commands = entry.Body.IsEmpty ? [] : LockEntryCodec.Read(entry.Body.Span).Commands;
        _state.LastIndex = entry.Index;
        var now = _state.Clock.Advance(entry.LogTime);
        _state.Answers.Expire(now);
        var step = new Step(_state, entry);
        Endings.EndWhatIsDue(step);
        foreach (var command in commands)
        {
            Apply(step, command);
        }
        _state = step.State;
        return step.Effects;
    }

    public byte[] TakeSnapshot() => SnapshotWriter.Write(_state);

    public void Restore(ReadOnlySpan<byte> snapshot) => _state = SnapshotReader.Read(snapshot);

    public ulong Digest() => StateDigest.Of(TakeSnapshot());

    private static LockState NewState() => new() { Clock = new MachineClock(), Answers = new() };

    private static void Apply(Step step, LockEntryCommand command)
    {
        if (CommandHead.Of(command) is { } head)
        {
            step.Answer(
                head,
                RefuseUnread(step, head) ?? LockPlacement.Refuse(step, head, command)
                    ?? Run(step, head, command));
            return;
        }
        switch (command)
        {
            case { NodeCrash: { } crash } when step.State.Genesis is not null && !step.IsTooOld:
                Endings.EndCrashed(step, crash);
                break;
            case { Genesis: { } genesis }:
                Found(step.State, genesis);
                break;
            case { OutboxClaim: { } claim }:
                step.State.Outbox.Claim(claim);
                break;
            case { OutboxPublished: { } published }:
                step.State.Outbox.Trim(published);
                break;
            case { StateRestoration: { } restoration }:
                Restoring.Restore(step, restoration);
                break;
            // An old heartbeat proves no life, and its sender waits for no answer to it any more.
            case { Heartbeat: { } heartbeat } when step.State.Genesis is not null && !step.IsTooOld:
                Renewals.Renew(step, heartbeat);
                break;
        }
    }

    private static LockReply Run(Step step, CommandHead head, LockEntryCommand command) => command switch
    {
        { OpenSession: { } open } => SessionCommands.Open(step, head, open),
        { CloseSession: { } close } => SessionCommands.Close(step, head, close),
        { AcquireLock: { } acquire } => AcquireCommands.Acquire(step, head, acquire),
        { CancelAcquire: { } cancel } => ReleaseCommands.Cancel(step, head, cancel),
        { ReleaseLock: { } release } => ReleaseCommands.Release(step, head, release),
        { UpgradeLock: { } upgrade } => UpgradeCommands.Upgrade(step, head, upgrade),
        { BreakLock: { } breaking } => BreakCommands.Break(step, head, breaking),
        { SetNamespaceLimits: { } set } => NamespaceCommands.SetLimits(step, head, set),
        { Campaign: { } campaign } => AcquireCommands.Campaign(step, head, campaign),
        { Resign: { } resign } => ReleaseCommands.Resign(step, head, resign),
        { Proclaim: { } proclaim } => Elections.Proclaim(step, head, proclaim),
        _ => throw new InvalidOperationException($"A command of no kind: {command}"),
    };

    private static LockReply? RefuseUnread(Step step, CommandHead head)
    {
        if (step.State.Genesis is null)
        {
            return step.Refuse(head.CommandId, LockRefusal.NotReady, "The lock group is not founded yet.");
        }
        if (!step.IsTooOld)
        {
            return null;
        }
        // Not a refusal: an earlier copy may have been applied, and its id forgotten since.
        return new()
        {
            LockUnknown = new()
            {
                CommandId = head.CommandId,
                Message = ProposalAge.Why(
                    step.IssuedAt, step.Now, step.State.Answers.WindowMilliseconds),
            },
        };
    }

    private static void Found(LockState state, Genesis genesis)
    {
        // The codec lets no invalid one be proposed; one that came another way must not stop the group for
        // ever.
        if (state.Genesis is not null || !genesis.IsValid)
        {
            return;
        }
        state.Genesis = genesis;
        state.Epoch = genesis.Epoch;
        state.LastToken = genesis.TokenFloor;
        state.Answers = new(genesis.CommandWindowMilliseconds, genesis.Limits.MaxKeptCommandIds);
    }
}

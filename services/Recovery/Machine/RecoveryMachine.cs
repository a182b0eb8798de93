using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>
/// Standby groups and their recoveries as a deterministic machine. Each entry first moves time on, then ends
/// what is due, then runs its commands.
/// </summary>
public sealed partial class RecoveryMachine :
    IOutboxMachine<RecoveryEffect, RecoveryEvent, RecoveryReply>, IRestorableMachine
{
    private RecoveryState _state = NewState();

    public long Time => _state.Clock.Time;

    public long? NextDeadline => _state.FirstDeadline;

    public IReadOnlyList<RecoveryEffect> Apply(AppliedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Index <= _state.LastIndex)
        {
            throw new InvalidOperationException($"Entry {entry.Index} comes after entry {_state.LastIndex}.");
        }
        // Read whole before anything changes: what cannot be read stops the replica between two entries.
        var commands = entry.Body.IsEmpty ? [] : RecoveryEntryCodec.Read(entry.Body.Span).Commands;
        _state.LastIndex = entry.Index;
        var now = _state.Clock.Advance(entry.LogTime);
        _state.Answers.Expire(now);
        var step = new Step(_state, entry);
        Plans.EndWhatIsDue(step);
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

    private static RecoveryState NewState() => new() { Clock = new MachineClock(), Answers = new() };

    private static void Apply(Step step, RecoveryEntryCommand command)
    {
        if (CommandHead.Of(command) is { } head)
        {
            step.Answer(head, RefuseUnread(step, head) ?? Run(step, head, command));
            return;
        }
        switch (command)
        {
            case { Group: { } own }:
                Apply(step, own);
                break;
            // These know their own repeats, so that no age makes them wrong.
            case { NodeFailed: { } failed } when step.State.Genesis is not null:
                Verdicts.Failed(step, failed);
                break;
            case { NodeRestored: { } restored } when step.State.Genesis is not null:
                Verdicts.Restored(step, restored);
                break;
            case { NodeLeft: { } left } when step.State.Genesis is not null:
                Verdicts.Left(step, left);
                break;
            case { ClaimRecovery: { } claim }:
                Plans.Claim(step, claim);
                break;
            case { StepDone: { } done }:
                Plans.Done(step, done);
                break;
        }
    }

    private static void Apply(Step step, GroupCommand command)
    {
        switch (command)
        {
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
                Restorations.Restore(step, restoration);
                break;
        }
    }

    private static RecoveryReply Run(Step step, CommandHead head, RecoveryEntryCommand command) =>
        command switch
        {
            { RegisterPolicy: { } policy } => GroupCommands.RegisterPolicy(step, head, policy),
            { RegisterStandby: { } register } => GroupCommands.RegisterStandby(step, head, register),
            { WithdrawStandby: { } withdraw } => GroupCommands.Withdraw(step, head, withdraw),
            { PromoteStandby: { } promote } => Promotions.ByOperator(step, head, promote),
            { ConfirmPromotion: { } confirm } => Promotions.Confirm(step, confirm),
            { RemoveGroup: { } remove } => GroupCommands.Remove(step, head, remove),
            { UpdateState: { } update } => StateCommands.Update(step, head, update),
            _ => throw new InvalidOperationException($"A command of no kind: {command}"),
        };

    private static RecoveryReply? RefuseUnread(Step step, CommandHead head)
    {
        if (step.State.Genesis is null)
        {
            return step.Refuse(
                head.CommandId, RecoveryRefusal.NotReady, "The recovery group is not founded yet.");
        }
        if (!step.IsTooOld)
        {
            return null;
        }
        // Not a refusal: an earlier copy may have been applied, and its id forgotten since.
        return new()
        {
            RecoveryUnknown = new()
            {
                CommandId = head.CommandId,
                Message = ProposalAge.Why(
                    step.Entry.IssuedAt, step.Now, step.State.Answers.WindowMilliseconds),
            },
        };
    }

    private static void Found(RecoveryState state, Genesis genesis)
    {
        // The codec lets no invalid one be proposed; one that came another way must not stop the group.
        if (state.Genesis is not null || !genesis.IsValid)
        {
            return;
        }
        state.Genesis = genesis;
        state.Epoch = Math.Max(1, genesis.Epoch);
        state.Answers = new(genesis.CommandWindowMilliseconds, genesis.Limits.MaxKeptCommandIds);
    }
}

using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// The registry as a deterministic machine: instances with leases, configuration with versions, the answers
/// already given, the event stream and the outbox. Each entry first moves time on, then removes what has
/// expired, then runs its commands.
/// </summary>
public sealed partial class RegistryMachine
    : IOutboxMachine<RegistryEffect, RegistryEvent, RegistryReply>, IRestorableMachine
{
    /// <summary>In every snapshot and backup of this machine.</summary>
    public const string MachineKind = "registry";

    private RegistryState _state = NewState();

    public long Time => _state.Clock.Time;

    public long? NextDeadline => MachineClock.Earlier(
        _state.Services.FirstDeadline, ExactlyOnce.NextPlace(_state.Answers));

    public IReadOnlyList<RegistryEffect> Apply(AppliedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Index <= _state.LastIndex)
        {
            throw new InvalidOperationException($"Entry {entry.Index} comes after entry {_state.LastIndex}.");
        }
        // Read whole before anything changes: what cannot be read stops the replica between two entries.
        var commands = entry.Body.IsEmpty ? [] : RegistryEntryCodec.Read(entry.Body.Span).Commands;
        _state.LastIndex = entry.Index;
        var now = _state.Clock.Advance(entry.LogTime);
        _state.Answers.Expire(now);
        var step = new Step(_state, entry);
        Removals.RemoveExpired(step);
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

    private static RegistryState NewState() => new() { Clock = new MachineClock(), Answers = new() };

    private static void Apply(Step step, RegistryEntryCommand command)
    {
        if (CommandHead.Of(command) is { } head)
        {
            var reply = RefuseUnread(step, head) ?? Run(step, head, command);
            step.Tell(new RegistryEffect.Answer(head.CommandId, head.ReplyTo, reply));
            return;
        }
        switch (command)
        {
            case { Genesis: { } genesis }:
                Found(step.State, genesis);
                break;
            case { OutboxClaim: { } claim }:
                step.State.Events.Claim(claim);
                break;
            case { OutboxPublished: { } published }:
                step.State.Events.Trim(published);
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

    private static RegistryReply Run(Step step, CommandHead head, RegistryEntryCommand command) =>
        command switch
        {
            { RegisterInstance: { } register } => InstanceCommands.Register(step, head, register),
            { DeregisterInstance: { } deregister } => InstanceCommands.Deregister(step, head, deregister),
            { DrainInstance: { } drain } => InstanceCommands.Drain(step, head, drain),
            { PutConfig: { } put } => ConfigCommands.Put(step, head, put),
            { DeleteConfig: { } delete } => ConfigCommands.Delete(step, head, delete),
            _ => throw new InvalidOperationException($"A command of no kind: {command}"),
        };

    private static RegistryReply? RefuseUnread(Step step, CommandHead head)
    {
        if (step.State.Genesis is null)
        {
            return step.Refuse(
                head.CommandId, RegistryRefusal.NotReady, "The registry group is not founded yet.");
        }
        if (!step.IsTooOld)
        {
            return null;
        }
        // Not a refusal: an earlier copy may have been applied, and its id forgotten since.
        return new()
        {
            RegistryUnknown = new()
            {
                CommandId = head.CommandId,
                Message = ProposalAge.Why(
                    step.IssuedAt, step.Now, step.State.Answers.WindowMilliseconds),
            },
        };
    }

    private static void Found(RegistryState state, Genesis genesis)
    {
        // The codec lets no invalid one be proposed; one that came another way must not stop the group for
        // ever.
        if (state.Genesis is not null || !genesis.IsValid)
        {
            return;
        }
        state.Genesis = genesis;
        state.Epoch = genesis.Epoch;
        state.Answers = new(genesis.CommandWindowMilliseconds, genesis.Limits.MaxKeptCommandIds);
    }
}

using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>
/// One value for each key, that of the first proposal in the log, for ever. A repeated proposal needs no
/// memory of commands: everybody is answered with what is decided.
/// </summary>
public sealed partial class DecisionsMachine
    : IOutboxMachine<DecisionEffect, ValueDecided, DecisionReply>, IRestorableMachine
{
    /// <summary>In every snapshot and backup of this machine.</summary>
    public const string MachineKind = "decisions";

    private DecisionsState _state = new() { Clock = new MachineClock() };

    public long Time => _state.Clock.Time;

    /// <summary>Nothing falls due.</summary>
    public long? NextDeadline => null;

    public IReadOnlyList<DecisionEffect> Apply(AppliedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Index <= _state.LastIndex)
        {
            throw new InvalidOperationException($"Entry {entry.Index} comes after entry {_state.LastIndex}.");
        }
        // Read whole before anything changes: what cannot be read stops the replica between two entries.
        var commands = entry.Body.IsEmpty ? [] : DecisionEntryCodec.Read(entry.Body.Span).Commands;
        _state.LastIndex = entry.Index;
        _state.Clock.Advance(entry.LogTime);
        var step = new Step(_state, entry);
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

    private static void Apply(Step step, DecisionEntryCommand command)
    {
        switch (command)
        {
            case { ProposeValue: { } propose }:
                step.Tell(new DecisionEffect.Answer(
                    propose.CommandId, propose.ReplyTo, Proposals.Propose(step, propose)));
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
        }
    }

    private static void Found(DecisionsState state, Genesis genesis)
    {
        // The codec lets no invalid one be proposed; one that came another way must not stop the group for
        // ever.
        if (state.Genesis is not null || !genesis.IsValid)
        {
            return;
        }
        state.Genesis = genesis;
        state.Epoch = genesis.Epoch;
    }
}

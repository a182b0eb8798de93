using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>
/// The detectors' votes as one ordered history, and the verdicts that follow from them. No answers leave
/// through its outbox, events alone.
/// </summary>
public sealed partial class DetectorMachine
    : IOutboxMachine<DetectorEffect, DetectorEvent, DetectorUnknown>, IRestorableMachine
{
    /// <summary>In every snapshot and backup of this machine.</summary>
    public const string MachineKind = "detector";

    private DetectorState _state = new() { Clock = new MachineClock() };

    public long Time => _state.Clock.Time;

    /// <summary>Nothing falls due by itself: detectors vote.</summary>
    public long? NextDeadline => null;

    public IReadOnlyList<DetectorEffect> Apply(AppliedEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Index <= _state.LastIndex)
        {
            throw new InvalidOperationException($"Entry {entry.Index} comes after entry {_state.LastIndex}.");
        }
        // Read whole before anything changes: what cannot be read stops the replica between two entries.
        var commands = entry.Body.IsEmpty ? [] : DetectorEntryCodec.Read(entry.Body.Span).Commands;
        _state.LastIndex = entry.Index;
        _state.Clock.Advance(entry.LogTime);
        Forgetting.Sweep(_state, entry.LogTime);
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

    private static void Apply(Step step, DetectorEntryCommand command)
    {
        switch (command)
        {
            case { Genesis: { } genesis }:
                Found(step.State, genesis);
                break;
            case { Vote: { } vote }:
                Verdicts.Count(step, vote);
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

    private static void Found(DetectorState state, Genesis genesis)
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

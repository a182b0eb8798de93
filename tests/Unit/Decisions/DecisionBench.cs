using Muster.Contracts.Decisions;
using Muster.Decisions.Machine;
using Muster.Replication.Core;

namespace Muster.Unit.Tests.Decisions;

/// <summary>A founded machine of epoch 7, fed entry by entry.</summary>
internal sealed class DecisionBench
{
    public const long Window = 60_000;

    private long _index;
    private int _commands;

    public DecisionBench(DecisionLimits? limits = null, bool isFounded = true)
    {
        if (isFounded)
        {
            Apply(new DecisionEntryCommand
            {
                Genesis = new()
                {
                    Epoch = 7,
                    ClusterId = "test",
                    Group = "decisions",
                    CommandWindowMilliseconds = Window,
                    Limits = limits ?? DecisionLimits.Default,
                },
            });
        }
    }

    public DecisionsMachine Machine { get; private set; } = new();

    public long LogTime { get; private set; } = 1_000;

    /// <summary>The events of the last entry.</summary>
    public IReadOnlyList<ValueDecided> Events { get; private set; } = [];

    public DecisionReply Propose(string key, string value, string? id = null, string proposer = "") =>
        Do(new() { CommandId = id ?? $"t{++_commands}", Key = key, Value = value, Proposer = proposer });

    public DecisionReply Do(ProposeValue propose, long? issuedAt = null) =>
        Apply(issuedAt, new DecisionEntryCommand { ProposeValue = propose })
            .OfType<DecisionEffect.Answer>().Single().Reply;

    public string? Decided(string key) =>
        Machine.Get(new() { Key = key }).DecisionRead!.Decision?.Value;

    public RestorationOutcome Restore(byte[] state, string? id = null, long epoch = 0) =>
        Restore(new StateRestoration
        {
            CommandId = id ?? $"t{++_commands}",
            Kind = DecisionsMachine.MachineKind,
            State = state,
            Checksum = StateRestoration.ChecksumOf(state),
            Epoch = epoch,
        });

    public RestorationOutcome Restore(StateRestoration restoration) =>
        Apply(new DecisionEntryCommand { StateRestoration = restoration })
            .OfType<DecisionEffect.Restoration>().Single().Outcome;

    public void Pass(long milliseconds)
    {
        // A machine counts 2 s at most between two entries.
        for (; milliseconds > 0; milliseconds -= MachineClock.MaxStepMilliseconds)
        {
            LogTime += Math.Min(milliseconds, MachineClock.MaxStepMilliseconds);
            Apply();
        }
    }

    /// <summary>Goes on with a machine that is made of this one's snapshot.</summary>
    public void Restart()
    {
        var copy = new DecisionsMachine();
        copy.Restore(Machine.TakeSnapshot());
        Machine = copy;
    }

    public IReadOnlyList<DecisionEffect> Apply(params IReadOnlyList<DecisionEntryCommand> commands) =>
        Apply(issuedAt: null, commands);

    public IReadOnlyList<DecisionEffect> Apply(
        long? issuedAt, params IReadOnlyList<DecisionEntryCommand> commands) =>
        Apply(
            commands.Count == 0
                ? default
                : DecisionEntryCodec.Write(new DecisionEntry { Commands = commands }),
            issuedAt);

    public IReadOnlyList<DecisionEffect> Apply(ReadOnlyMemory<byte> body, long? issuedAt = null)
    {
        var effects = Machine.Apply(new AppliedEntry
        {
            Index = new(++_index),
            LogTime = LogTime,
            Origin = "r1",
            IssuedAt = issuedAt ?? Machine.Time,
            Body = body,
        });
        Events = [.. effects.OfType<DecisionEffect.Delivery>().Select(effect => effect.Item.Event!)];
        return effects;
    }
}

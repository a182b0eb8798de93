using System.Text;
using System.Text.Json.Nodes;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

internal sealed class ResultsLostInSnapshot : Mutation
{
    public override string Name => "results-lost-in-snapshot";

    public override string Breaks => "A snapshot leaves out the answers that duplicates would be given.";

    public override IReadOnlyList<string> FoundBy => ["state machine safety", "replica stopped"];

    public override MachineMutation NewMachineMutation() => new SnapshotEdit(state =>
    {
        state["answers"] = new JsonArray();
        foreach (var session in state["sessions"]!.AsArray())
        {
            session!["answers"] = new JsonArray();
        }
    });
}

internal sealed class TokenLostInSnapshot : Mutation
{
    public override string Name => "token-lost-in-snapshot";

    public override string Breaks =>
        "A restored machine counts tokens from the newest that is held, not given.";

    public override IReadOnlyList<string> FoundBy => ["state machine safety", "replica stopped"];

    public override MachineMutation NewMachineMutation() => new SnapshotEdit(state =>
    {
        var floor = state["genesis"]?["tokenFloor"]?.GetValue<long>() ?? 0;
        var held = state["acquires"]!.AsArray().Select(acquire => acquire!["token"]?.GetValue<long>() ?? 0);
        state["lastToken"] = held.Append(floor).Max();
    });
}

internal sealed class TokenTakenFromIndex : Mutation
{
    public override string Name => "token-taken-from-index";

    public override string Breaks =>
        "A grant's token is its entry's index: all grants of one entry share it.";

    public override IReadOnlyList<string> FoundBy => ["one holder"];

    public override FaultPlan OnPlan(FaultPlan plan) =>
        plan with { Locks = new() { Shared = 500 }, Names = 1 };

    public override MachineMutation NewMachineMutation() => new TokensByIndex();

    private sealed class TokensByIndex : MachineMutation
    {
        private long _floor;

        public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry)
        {
            var effects = machine.Apply(entry);
            var given = effects.Select(TokenOf).OfType<FencingToken>().Distinct().ToList();
            if (given.Count == 0)
            {
                return effects;
            }
            var state = SnapshotText.Of(machine);
            if (_floor == 0) _floor = (long)JsonNode.Parse(state)!["genesis"]!["tokenFloor"]!;
            var token = new FencingToken(_floor + entry.Index.Value);
            // So great a number is nothing else.
            foreach (var one in given)
            {
                state = state.Replace($"{one.Value}", $"{token.Value}", StringComparison.Ordinal);
            }
            machine.Restore(SnapshotText.Bytes(state));
            return [.. effects.Select(effect => Changed(machine, effect, token))];
        }

        private static FencingToken? TokenOf(LockEffect effect) =>
            effect is LockEffect.Delivery { Item.Event.LockGranted: { } granted }
                ? granted.FencingToken
                : null;

        private static LockEffect Changed(LockMachine machine, LockEffect effect, FencingToken token) =>
            effect switch
            {
                LockEffect.Delivery { Item: var item } delivery =>
                    delivery with { Item = machine.Outbox.From(item.Number, 1)[0] },
                LockEffect.Answer { Reply.LockGranted: { } granted } answer =>
                    answer with { Reply = new() { LockGranted = granted with { FencingToken = token } } },
                _ => effect,
            };
    }
}

internal sealed class CancelWithoutTombstone : Mutation
{
    // The machines of a run share it, so that all of them forget the same cancels.
    private readonly Dictionary<string, long> _acquires = new(StringComparer.Ordinal);

    public override string Name => "cancel-without-tombstone";

    public override string Breaks => "A cancel that overtakes its acquire leaves nothing behind.";

    public override IReadOnlyList<string> FoundBy => ["exactly once"];

    public override MachineMutation NewMachineMutation() => new EntryEdit((_, entry, command) =>
    {
        if (command.AcquireLock is { } acquire)
        {
            _acquires.TryAdd(acquire.CommandId, entry.Index.Value);
        }
        if (command.CancelAcquire is not { } cancel
            || (_acquires.TryGetValue(cancel.AcquireId, out var came) && came <= entry.Index.Value))
        {
            return (command, null);
        }
        var done = new AcquireCancelled { CommandId = cancel.CommandId, AcquireId = cancel.AcquireId };
        return (null, new LockEffect.Answer(
            cancel.CommandId, cancel.ReplyTo, new LockReply { AcquireCancelled = done }));
    });
}

internal sealed class IdsForgottenEarly : Mutation
{
    public override string Name => "ids-forgotten-early";

    public override string Breaks => "Command ids are remembered for 300 ms, and no proposal is too old.";

    public override IReadOnlyList<string> FoundBy => ["exactly once"];

    public override MachineMutation NewMachineMutation() => new EntryEdit((_, _, command) =>
        (command.Genesis is { } genesis
            ? command with { Genesis = genesis with { CommandWindowMilliseconds = 300 } }
            : command, null))
    {
        IssuesNow = true,
    };
}

internal sealed class OwnClockUsed : Mutation
{
    private int _machines;

    public override string Name => "own-clock-used";

    public override string Breaks => "Each replica's machine goes by a clock of its own, a few ms apart.";

    public override IReadOnlyList<string> FoundBy => ["state machine safety", "replica stopped"];

    public override MachineMutation NewMachineMutation() => new EntryChange(_machines++ % 3,
        (entry, number) => entry with { LogTime = entry.LogTime + number });
}

internal sealed class OwnOrderUsed : Mutation
{
    private int _machines;

    public override string Name => "own-order-used";

    public override string Breaks => "Every second replica goes through an entry's commands backwards.";

    public override IReadOnlyList<string> FoundBy => ["state machine safety", "replica stopped"];

    public override MachineMutation NewMachineMutation() => new EntryChange(_machines++ % 2,
        (entry, number) =>
            number == 0 || entry.Body.IsEmpty ? entry : entry with { Body = Backwards(entry) });

    private static byte[] Backwards(AppliedEntry entry) => LockEntryCodec.Write(
        new LockEntry { Commands = [.. LockEntryCodec.Read(entry.Body.Span).Commands.Reverse()] });
}

/// <summary>Changes what one machine is given, by its number.</summary>
internal sealed class EntryChange(int number, Func<AppliedEntry, int, AppliedEntry> change) : MachineMutation
{
    public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry) =>
        machine.Apply(change(entry, number));
}

/// <summary>Changes a snapshot as it is taken.</summary>
internal sealed class SnapshotEdit(Action<JsonNode> edit) : MachineMutation
{
    public override byte[] OnSnapshot(byte[] snapshot)
    {
        var state = JsonNode.Parse(SnapshotText.Of(snapshot))!;
        edit(state);
        return SnapshotText.Bytes(state.ToJsonString());
    }
}

/// <summary>Changes or drops the commands of an entry; of one that it drops it may give the answer.</summary>
internal sealed class EntryEdit(
    Func<LockMachine, AppliedEntry, LockEntryCommand, (LockEntryCommand? Command, LockEffect? Answer)> edit)
    : MachineMutation
{
    /// <summary>Every entry counts as issued at the moment of its being applied.</summary>
    public bool IssuesNow { get; init; }

    public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry)
    {
        if (entry.Body.IsEmpty)
        {
            return machine.Apply(entry);
        }
        var edited = LockEntryCodec.Read(entry.Body.Span).Commands
            .Select(command => edit(machine, entry, command)).ToList();
        var body = LockEntryCodec.Write(
            new LockEntry { Commands = [.. edited.Select(one => one.Command).OfType<LockEntryCommand>()] });
        var effects = machine.Apply(entry with
        {
            Body = body,
            IssuedAt = IssuesNow ? machine.Time : entry.IssuedAt,
        });
        return [.. effects, .. edited.Select(one => one.Answer).OfType<LockEffect>()];
    }
}

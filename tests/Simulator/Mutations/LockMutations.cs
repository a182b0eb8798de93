using System.Text.Json.Nodes;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

internal sealed class ReaderOvertakesWriter : Mutation
{
    public override string Name => "reader-overtakes-writer";

    public override string Breaks => "A reader that waits for a writer to leave goes before another one.";

    public override IReadOnlyList<string> FoundBy => ["first come"];

    public override FaultPlan OnPlan(FaultPlan plan) =>
        plan with { Locks = new() { Shared = 500 }, Names = 1 };

    public override MachineMutation NewMachineMutation() => new StateEdit
    {
        After = (machine, command, state) => command.AcquireLock is { Mode: LockMode.Shared } reader
            && StateEdit.Describe(machine, reader.Name) is { Holders: [{ Mode: LockMode.Exclusive }] }
            && GoesFirst(state()["acquires"]!.AsArray(), reader),
    };

    private static bool GoesFirst(JsonArray acquires, AcquireLock reader)
    {
        var waiting = acquires.OfType<JsonNode>().Where(one => IsWaiting(one, reader.Name)).ToList();
        var own = waiting.Find(one => (string)one["id"]! == reader.CommandId);
        if (own is null || waiting[0] == own)
        {
            return false;
        }
        var place = acquires.IndexOf(waiting[0]);
        acquires.Remove(own);
        acquires.Insert(place, own);
        // The order of the tickets is that of the queue.
        var tickets = waiting.Select(one => (long)one["ticket"]!).Order().ToList();
        foreach (var one in acquires.OfType<JsonNode>().Where(one => IsWaiting(one, reader.Name)))
        {
            one["ticket"] = tickets[0];
            tickets.RemoveAt(0);
        }
        return true;
    }

    private static bool IsWaiting(JsonNode acquire, string name) =>
        (long)acquire["token"]! == 0 && StateEdit.IsOf(acquire, name);
}

internal sealed class UpgradedBesideReader : Mutation
{
    public override string Name => "upgraded-beside-reader";

    public override string Breaks => "An upgrade is granted at once, whoever shares the lock.";

    public override IReadOnlyList<string> FoundBy => ["one holder"];

    public override FaultPlan OnPlan(FaultPlan plan) =>
        plan with { Locks = new() { Shared = 500, Upgradeable = 300 }, Names = 1 };

    public override MachineMutation NewMachineMutation() => new StateEdit
    {
        Before = (machine, command, state) => command.UpgradeLock is { } upgrade
            && StateEdit.Describe(machine, upgrade.Name) is { HolderCount: > 1, WaiterCount: 0 }
            && StateEdit.Forget(state()["acquires"]!.AsArray(), one =>
                StateEdit.IsOf(one, upgrade.Name) && (string)one["claim"]!["mode"]! == "Shared"),
    };
}

internal sealed class PermitTooMany : Mutation
{
    public override string Name => "permit-too-many";

    public override string Breaks => "A semaphore has a permit more than it says.";

    public override IReadOnlyList<string> FoundBy => ["one holder"];

    public override FaultPlan OnPlan(FaultPlan plan) =>
        plan with { Locks = new() { Permits = 900, MaxPermits = 2 } };

    public override MachineMutation NewMachineMutation() => new EntryEdit((_, _, command) =>
        (command.AcquireLock is { Mode: LockMode.Permits } acquire
            ? command with { AcquireLock = acquire with { MaxPermits = acquire.MaxPermits + 1 } }
            : command, null));
}

internal sealed class SeveralInPart : Mutation
{
    public override string Name => "several-in-part";

    public override string Breaks => "Of several names those that are free are granted, without the others.";

    public override IReadOnlyList<string> FoundBy => ["all or nothing", "first come"];

    public override FaultPlan OnPlan(FaultPlan plan) =>
        plan with { Locks = new() { Several = 500 }, Names = 3 };

    public override MachineMutation NewMachineMutation() => new EntryEdit((machine, _, command) =>
        (command.AcquireLock is { Names: { } names } acquire
            && names.FirstOrDefault(name => IsFree(machine, name)) is { } free
            && !names.All(name => IsFree(machine, name))
                ? command with { AcquireLock = acquire with { Name = free, Names = null } }
                : command, null));

    private static bool IsFree(LockMachine machine, string name) =>
        StateEdit.Describe(machine, name).HolderCount == 0;
}

/// <summary>Looked for where clients crash, or are said to, and others wait for what they hold.</summary>
internal abstract class CrashMutation : Mutation
{
    public override FaultPlan OnPlan(FaultPlan plan) => plan with
    {
        Names = 1,
        LongestWork = 1_500,
        Rates = plan.Rates with { ClientCrash = 4_000, FalseVerdict = 1_500 },
        Clients =
        [
            .. plan.Clients.Select(client => client with
            {
                CrashRelease = true,
                LockDelay = LockDelay,
                HeartbeatInterval = Math.Max(client.HeartbeatInterval, 200),
            }),
        ],
    };

    protected virtual long LockDelay => 0;
}

internal sealed class CrashWithoutDelay : CrashMutation
{
    public override string Name => "crash-without-delay";

    public override string Breaks => "What is lost by a verdict is granted to the next without its delay.";

    public override IReadOnlyList<string> FoundBy => ["first come"];

    protected override long LockDelay => 1_000;

    public override MachineMutation NewMachineMutation() => new StateEdit
    {
        Before = (_, command, state) => command.NodeCrash is { } crash
            && StateEdit.OnSessions(state(), crash.Node, session => session["lockDelayMilliseconds"] = 0),
    };
}

internal sealed class CrashOfAnotherLife : CrashMutation
{
    public override string Name => "crash-of-another-life";

    public override string Breaks => "A verdict ends the sessions of every incarnation of its node.";

    public override IReadOnlyList<string> FoundBy => ["crash release"];

    public override MachineMutation NewMachineMutation() => new StateEdit
    {
        Before = (_, command, state) => command.NodeCrash is { } crash && StateEdit.OnSessions(
            state(), crash.Node, session => session["incarnation"] = crash.Incarnation),
    };
}

internal sealed class VerdictTakenTwice : CrashMutation
{
    public override string Name => "verdict-taken-twice";

    public override string Breaks => "A copy of a verdict ends what its node has begun since.";

    public override IReadOnlyList<string> FoundBy => ["crash release"];

    public override MachineMutation NewMachineMutation() => new StateEdit
    {
        Before = (_, command, state) =>
        {
            var isCrash = command.NodeCrash is not null;
            if (isCrash) state()["crashes"] = new JsonArray();
            return isCrash;
        },
    };
}

internal sealed class CrashUnderOldToken : CrashMutation
{
    public override string Name => "crash-under-old-token";

    public override string Breaks => "Who is next after a verdict gets the token of the one who crashed.";

    public override IReadOnlyList<string> FoundBy => ["one holder"];

    public override MachineMutation NewMachineMutation() => new TokenKept();

    private sealed class TokenKept : MachineMutation
    {
        public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry)
        {
            FencingToken? kept = null;
            var effects = machine.Apply(entry).ToList();
            for (var at = 0; at < effects.Count; at++)
            {
                if (effects[at] is not LockEffect.Delivery { Item: { Event: { } one } item } delivery)
                {
                    continue;
                }
                kept = one.LockLost is { Cause: "SessionCrashed" } lost ? lost.FencingToken : kept;
                if (one.LockGranted is { } granted && kept is { } token)
                {
                    var changed = granted with { FencingToken = token };
                    effects[at] = delivery with
                    {
                        Item = item with
                        {
                            Event = new() { LockGranted = changed },
                            Reply = item.Reply is null ? null : new() { LockGranted = changed },
                        },
                    };
                    kept = null;
                }
            }
            return effects;
        }
    }
}

/// <summary>
/// A break leaves no <see cref="LockLost"/>, neither in the log's events nor for the holder.
/// </summary>
internal sealed class BreakUntold : Mutation
{
    public override string Name => "break-untold";

    public override string Breaks => "What an operator breaks is told as if its holder had released it.";

    public override IReadOnlyList<string> FoundBy => ["one holder", "lost is said"];

    public override FaultPlan OnPlan(FaultPlan plan) => plan with
    {
        Names = 1,
        LongestWork = 1_500,
        Rates = plan.Rates with { Break = 1_000 },
    };

    public override MachineMutation NewMachineMutation() => new ToldAsReleased();

    private sealed class ToldAsReleased : MachineMutation
    {
        public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry) =>
            [.. machine.Apply(entry).Select(OnEffect)];

        private static LockEffect OnEffect(LockEffect effect)
        {
            if (effect is not LockEffect.Delivery { Item: { Event.LockLost: { } lost } item } delivery
                || lost.Cause != "Broken")
            {
                return effect;
            }
            return delivery with { Item = item with { Event = new() { LockReleased = ReleaseOf(lost) } } };
        }

        private static LockReleased ReleaseOf(LockLost lost) => new()
        {
            SessionId = lost.SessionId,
            AcquireId = lost.AcquireId,
            Name = lost.Name,
            Names = lost.Names,
            FencingToken = lost.FencingToken,
            Event = lost.Event,
        };
    }
}

/// <summary>
/// Changes what a machine keeps, through a snapshot of it, around the entries with certain commands. Each is
/// asked about every command; the state is read out only for those that want it, and true: it is changed.
/// </summary>
internal sealed class StateEdit : MachineMutation
{
    public Func<LockMachine, LockEntryCommand, Func<JsonNode>, bool>? Before { get; init; }

    public Func<LockMachine, LockEntryCommand, Func<JsonNode>, bool>? After { get; init; }

    public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry)
    {
        var commands = entry.Body.IsEmpty ? [] : LockEntryCodec.Read(entry.Body.Span).Commands;
        Edit(machine, commands, Before);
        var effects = machine.Apply(entry);
        Edit(machine, commands, After);
        return effects;
    }

    public static LockDescription Describe(LockMachine machine, string name) =>
        machine.Describe(new DescribeLock { CommandId = "of-the-mutant", Name = name }).LockDescription!;

    /// <summary>It is about this name alone.</summary>
    public static bool IsOf(JsonNode acquire, string name) =>
        acquire["claim"]!["names"]!.AsArray() is [{ } only] && (string)only! == name;

    public static bool Forget(JsonArray acquires, Func<JsonNode, bool> isMeant)
    {
        var meant = acquires.OfType<JsonNode>().Where(isMeant).ToList();
        meant.ForEach(one => acquires.Remove(one));
        return meant.Count > 0;
    }

    /// <summary>Those that a verdict on the node ends.</summary>
    public static bool OnSessions(JsonNode state, string node, Action<JsonNode> change)
    {
        var meant = state["sessions"]!.AsArray().OfType<JsonNode>()
            .Where(session => (string?)session["node"] == node).ToList();
        meant.ForEach(change);
        return meant.Count > 0;
    }

    private static void Edit(
        LockMachine machine, IReadOnlyList<LockEntryCommand> commands,
        Func<LockMachine, LockEntryCommand, Func<JsonNode>, bool>? edit)
    {
        foreach (var command in edit is null ? [] : commands)
        {
            JsonNode? state = null;
            if (edit!(machine, command, () => state ??= JsonNode.Parse(SnapshotText.Of(machine))!))
            {
                machine.Restore(SnapshotText.Bytes(state!.ToJsonString()));
            }
        }
    }
}

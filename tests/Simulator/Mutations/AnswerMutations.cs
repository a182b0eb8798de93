using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

internal sealed class OwnRenewalsTold : Mutation
{
    private int _machines;

    public override string Name => "own-renewals-told";

    public override string Breaks => "Every second replica answers heartbeats without what is held.";

    public override IReadOnlyList<string> FoundBy => ["state machine safety"];

    public override MachineMutation NewMachineMutation() =>
        _machines++ % 2 == 0 ? new MachineMutation() : RenewalWithoutGrants.NewEdit();
}

internal sealed class RenewalWithoutGrants : Mutation
{
    public override string Name => "renewal-without-grants";

    public override string Breaks => "A heartbeat's answer does not say what its sessions hold.";

    public override IReadOnlyList<string> FoundBy => ["renewals"];

    public override MachineMutation NewMachineMutation() => NewEdit();

    public static MachineMutation NewEdit() => new AnswerEdit
    {
        OfRenewal = answer => answer with
        {
            Sessions = [.. answer.Sessions.Select(session => session with { Grants = [] })],
        },
    };
}

/// <summary>Looked for where holders live long enough to be broken.</summary>
internal abstract class BreakMutation : Mutation
{
    public override FaultPlan OnPlan(FaultPlan plan) => plan with
    {
        Names = 1,
        LongestWork = 1_500,
        Rates = plan.Rates with { Break = 1_000 },
    };
}

internal sealed class OwnBreakTold : BreakMutation
{
    private int _machines;

    public override string Name => "own-break-told";

    public override string Breaks => "Every second replica says of a break that nobody held the lock.";

    public override IReadOnlyList<string> FoundBy => ["state machine safety"];

    public override MachineMutation NewMachineMutation() => _machines++ % 2 == 0
        ? new MachineMutation()
        : new AnswerEdit { OfBreak = broken => broken with { WasHeld = false } };
}

internal sealed class BreakUnderOldToken : BreakMutation
{
    public override string Name => "break-under-old-token";

    public override string Breaks => "A break answers with the token that it took: its holder's own.";

    public override IReadOnlyList<string> FoundBy => ["one holder"];

    public override MachineMutation NewMachineMutation() => new AnswerEdit
    {
        OfBreak = broken => broken.FencingToken > broken.BrokenToken && broken.WasHeld
            ? broken with { FencingToken = broken.BrokenToken }
            : broken,
    };
}

/// <summary>Changes what one machine answers, and nothing of its state.</summary>
internal sealed class AnswerEdit : MachineMutation
{
    public Func<LockBroken, LockBroken> OfBreak { get; init; } = broken => broken;

    public Func<HeartbeatAnswered, HeartbeatAnswered> OfRenewal { get; init; } = answer => answer;

    public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry) =>
        [.. machine.Apply(entry).Select(OnEffect)];

    private LockEffect OnEffect(LockEffect effect) => effect switch
    {
        LockEffect.Answer { Reply.LockBroken: { } broken } answer =>
            answer with { Reply = new() { LockBroken = OfBreak(broken) } },
        LockEffect.RenewalAnswer renewal => renewal with { Reply = OfRenewal(renewal.Reply) },
        _ => effect,
    };
}

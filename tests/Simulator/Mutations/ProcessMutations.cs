using Muster.Contracts.Detector;

namespace Muster.Simulator;

internal sealed class RenewalCountedLate : Mutation
{
    public override string Name => "renewal-counted-late";

    public override string Breaks =>
        "A client counts its lease from the newest heartbeat, not the answered one.";

    public override IReadOnlyList<string> FoundBy =>
        ["one holder", "told in time", "no early expiry", "leases"];

    public override FaultPlan OnPlan(FaultPlan plan) => plan with
    {
        Rates = plan.Rates with { Cut = 800, Pause = 1_000 },
        Weather = plan.Weather with { Spikes = 100, SpikeDelay = 1_500 * Scheduler.Millisecond },
    };

    public override HeartbeatAnswered OnRenewed(HeartbeatAnswered answer, long newestSent) =>
        answer with { Number = newestSent };
}

internal sealed class GrantHandedOutUnchecked : Mutation
{
    public override string Name => "grant-handed-out-unchecked";

    public override string Breaks => "A grant is used without a look at the lease it came under.";

    public override IReadOnlyList<string> FoundBy => ["one holder", "linearizability"];

    public override FaultPlan OnPlan(FaultPlan plan) =>
        plan with { Rates = plan.Rates with { Pause = 300 }, Names = 1, LongestWork = 1_500 };

    public override bool HandsOutUnchecked => true;
}

internal sealed class LossToldLate : Mutation
{
    public override string Name => "loss-told-late";

    public override string Breaks => "A lock's lost token waits for a timer that is late.";

    public override IReadOnlyList<string> FoundBy => ["told in time"];

    public override long TimerDelay => 4 * Scheduler.Second;
}

internal sealed class OutboxReportedUnconfirmed : Mutation
{
    public override string Name => "outbox-reported-unconfirmed";

    public override string Breaks => "The log is told that events are published before the broker has them.";

    public override IReadOnlyList<string> FoundBy => ["events"];

    public override bool ReportsUnconfirmed => true;
}

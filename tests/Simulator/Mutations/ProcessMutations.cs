using Muster.Contracts.Detector;
using Muster.Replication.Core;

namespace Muster.Simulator;

internal sealed class RenewalCountedLate : Mutation
{
    public override string Name => "renewal-counted-late";

    public override string Breaks => "A client counts its lease from the newest heartbeat, not the answered one.";

    public override HeartbeatAnswered OnRenewed(HeartbeatAnswered answer, long newestSent) =>
        answer with { Number = newestSent };
}

internal sealed class GrantHandedOutUnchecked : Mutation
{
    public override string Name => "grant-handed-out-unchecked";

    public override string Breaks => "A grant is used without a look at the lease it came under.";

    public override bool HandsOutUnchecked => true;
}

internal sealed class OutboxReportedUnconfirmed : Mutation
{
    public override string Name => "outbox-reported-unconfirmed";

    public override string Breaks => "The log is told that events are published before the broker has them.";

    public override bool ReportsUnconfirmed => true;
}

internal sealed class StandstillIgnored : Mutation
{
    public override string Name => "standstill-ignored";

    public override string Breaks => "A replica that was stopped proposes what had been lying in its sockets.";

    public override ReplicaOptions OnOptions(ReplicaOptions options) =>
        options with { StandstillMilliseconds = long.MaxValue / 8 };
}

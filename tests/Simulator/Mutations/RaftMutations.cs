using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

internal sealed class VoteNotStored : Mutation
{
    public override string Name => "vote-not-stored";

    public override string Breaks => "The disk keeps the term and not for whom the node voted in it.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override FaultPlan OnPlan(FaultPlan plan) =>
        plan with
        {
            // Elections again and again, and few others who take a run's time.
            Clients = [plan.Clients[0]],
            Nodes = 3,
            // Who starts again votes for nobody until its peers, which heard it a moment ago, hear it again.
            Raft = plan.Raft with
            {
                HeartbeatMilliseconds = 15,
                ElectionMinMilliseconds = 500,
                ElectionMaxMilliseconds = 540,
            },
            Rates = plan.Rates with
            {
                CrashAfterWrite = 300,
                NodeCrash = 700,
                PartialCut = 250,
                Transfer = 300,
                BrokerRestart = 2_000,
                DamageAtStart = 0,
            },
            Weather = plan.Weather with
            {
                MaxDelay = 60 * Scheduler.Millisecond,
                Reorders = true,
                Duplicates = 300,
            },
        };

    public override RaftOutput OnWrite(IRaftNode node, RaftOutput output) =>
        output.HardState is { } state
            ? output with { HardState = state with { Vote = NodeId.None } }
            : output;
}

internal sealed class TermNotStored : Mutation
{
    public override string Name => "term-not-stored";

    public override string Breaks => "Term and vote reach the disk with the next entries only.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override RaftOutput OnWrite(IRaftNode node, RaftOutput output) =>
        output.Append.Count == 0 ? output with { HardState = null } : output;
}

internal sealed class UnsyncedAppendAcknowledged : Mutation
{
    public override string Name => "unsynced-append-acknowledged";

    public override string Breaks => "A node answers when its write begins, not when it is done.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override void OnWriteBegun(IRaftNode node, RaftOutput output, Action sendAll) => sendAll();
}

internal sealed class DamageForgotten : Mutation
{
    public override string Name => "damage-forgotten";

    public override string Breaks =>
        "A node whose disk lost entries goes on voting as if it had never acknowledged them.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override FaultPlan OnPlan(FaultPlan plan) => plan with
    {
        Rates = plan.Rates with { NodeCrash = 700, DamageAtStart = 500, PartialCut = 500 },
    };

    public override RestoredGroup OnRestore(RestoredGroup restored) => restored with { Damage = null };
}

internal sealed class LogTimeGoesBack : Mutation
{
    public override string Name => "log-time-goes-back";

    public override string Breaks =>
        "A follower stamps the entries it takes anew, by a clock that is behind.";

    public override IReadOnlyList<string> FoundBy => ["log matching", "log time"];

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message) =>
        message is AppendEntries append
            ? append with
            {
                Entries = [.. append.Entries.Select(entry => entry with { LogTime = entry.LogTime - 500 })],
            }
            : message;
}

internal sealed class LeaderClockRunsFast : Mutation
{
    public override string Name => "leader-clock-runs-fast";

    public override string Breaks => "Nodes count log time 4 % faster than real time goes.";

    public override IReadOnlyList<string> FoundBy => ["log time"];

    public override long NodeClockError => 40_000;
}

internal sealed class ClockReadBeforeInputs : Mutation
{
    public override string Name => "clock-read-before-inputs";

    public override string Breaks =>
        "A node reads its clock before its inputs: what comes while it is stopped between counts as old.";

    public override IReadOnlyList<string> FoundBy => ["log time"];

    /// <summary>A leader that was stopped is still one when it goes on.</summary>
    public override FaultPlan OnPlan(FaultPlan plan) => plan with
    {
        Raft = plan.Raft with { ElectionMinMilliseconds = 1_500, ElectionMaxMilliseconds = 3_000 },
    };

    public override bool ReadsClockFirst => true;
}

internal sealed class StaleHintObeyed : Mutation
{
    public override string Name => "stale-hint-obeyed";

    public override string Breaks => "A word about any connection is taken for one about the leader's.";

    public override IReadOnlyList<string> FoundBy => ["liveness"];

    public override ConnectionLost OnHint(IRaftNode node, ConnectionLost hint) =>
        new(node.Core.LeaderIncarnation);
}

internal sealed class ReadWithoutQuorum : Mutation
{
    public override string Name => "read-without-quorum";

    public override string Breaks => "Who takes himself for the leader answers a read index at once.";

    public override IReadOnlyList<string> FoundBy => ["linearizability"];

    public override object? OnRequest(IRaftNode node, object request) =>
        request is ReadIndex read && node.IsLeader
            ? new ReadIndexFound
            {
                Group = read.Group,
                RequestId = read.RequestId,
                Index = node.Core.CommitIndex,
                Term = node.Core.Term,
            }
            : null;
}

internal sealed class UncommittedPublished : Mutation
{
    public override string Name => "uncommitted-published";

    public override string Breaks =>
        "A leader tells the replicas what it has appended, not what is committed.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override RaftOutput OnPublish(IRaftNode node, RaftOutput output) =>
        output with { Committed = output.Append };
}

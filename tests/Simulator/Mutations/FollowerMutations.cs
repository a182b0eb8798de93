using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

internal sealed class ShorterLogElected : Mutation
{
    public override string Name => "shorter-log-elected";

    public override string Breaks => "A voter does not look at how far the candidate's log goes.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message) => message switch
    {
        PreVote ask => ask with { LastLogTerm = new(long.MaxValue), LastLogIndex = new(long.MaxValue) },
        RequestVote ask => ask with { LastLogTerm = new(long.MaxValue), LastLogIndex = new(long.MaxValue) },
        _ => message,
    };
}

internal sealed class AppendUnchecked : Mutation
{
    public override string Name => "append-unchecked";

    public override string Breaks => "A follower takes entries whatever the term of the entry before them.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message)
    {
        if (message is not AppendEntries append) return message;
        var own = node.Memory.Entries.FirstOrDefault(entry => entry.Index == append.PreviousIndex);
        return own is null ? message : append with { PreviousTerm = own.Term };
    }
}

internal sealed class HeartbeatVerifiesAll : Mutation
{
    public override string Name => "heartbeat-verifies-all";

    public override string Breaks => "A heartbeat's commit index counts for whatever the follower has.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message) =>
        message is AppendEntries { Entries.Count: 0 } beat && node.Memory.Entries is [.., var last]
            && last.Index > beat.PreviousIndex
            ? beat with { PreviousIndex = last.Index, PreviousTerm = last.Term }
            : message;
}

internal sealed class DeposedLeaderObeyed : Mutation
{
    public override string Name => "deposed-leader-obeyed";

    public override string Breaks => "A request of a former leader counts as one of this term.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message) =>
        message is AppendEntries && message.Term < node.Core.Term
            ? message with { Term = node.Core.Term }
            : message;
}

internal sealed class MatchBelievedTooFar : Mutation
{
    public override string Name => "match-believed-too-far";

    public override string Breaks => "A follower's yes to some entries counts as one to all of the leader's.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message) =>
        message is AppendEntriesReply { Success: true } reply && reply.Term == node.Core.Term
            ? reply with { MatchIndex = node.Core.LastIndex }
            : message;
}

internal sealed class SnapshotSaysTooMuch : Mutation
{
    public override string Name => "snapshot-says-too-much";

    public override string Breaks => "A snapshot bears the index after the last that is in it.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override FaultPlan OnPlan(FaultPlan plan) => plan with { SnapshotEvery = 20 };

    public override object OnOffered(object request) =>
        request is StoreSnapshot offer ? offer with { Index = offer.Index.Next() } : request;
}

internal sealed class SnapshotOverNewerLog : Mutation
{
    public override string Name => "snapshot-over-newer-log";

    public override string Breaks =>
        "A follower takes its leader's snapshot although it has more, and gives up what is newer.";

    public override IReadOnlyList<string> FoundBy => ["commit index"];

    /// <summary>Snapshots come often, twice and late.</summary>
    public override FaultPlan OnPlan(FaultPlan plan) => plan with
    {
        SnapshotEvery = 20,
        Raft = plan.Raft with { TrailingEntries = 0 },
        Rates = plan.Rates with { NodeCrash = 1_500, PartialCut = 1_000 },
        Weather = plan.Weather with
        {
            Duplicates = 300,
            Reorders = true,
            Spikes = 100,
            SpikeDelay = 500 * Scheduler.Millisecond,
        },
    };

    public override LogIndex? ForgetsAfter(IRaftNode node, PeerMessage message) =>
        message is InstallSnapshot { Offset: 0 } whole && whole.Snapshot.Payload.Length == whole.TotalBytes
            && whole.Term >= node.Core.Term && whole.Snapshot.Index < node.Core.LastIndex
            ? whole.Snapshot.Index
            : null;
}

using System.Text.Json;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>
/// Everybody stores and is sent another membership than the leader made; it alone still counts by its own,
/// for as long as it leads.
/// </summary>
internal abstract class MembershipMutation : Mutation
{
    public override FaultPlan OnPlan(FaultPlan plan) => MembershipFaults.Of(plan);

    public override RaftOutput OnStep(IRaftNode node, RaftOutput output) => output with
    {
        Append = Changed(output.Append),
        Committed = Changed(output.Committed),
        Early = [.. output.Early.Select(Changed)],
        Messages = [.. output.Messages.Select(Changed)],
    };

    protected abstract GroupMembership Change(GroupMembership membership);

    private PeerMessage Changed(PeerMessage message) =>
        message is AppendEntries append ? append with { Entries = Changed(append.Entries) } : message;

    private IReadOnlyList<LogEntry> Changed(IReadOnlyList<LogEntry> entries) => [.. entries.Select(Changed)];

    private LogEntry Changed(LogEntry entry)
    {
        if (entry.Kind != EntryKind.Membership) return entry;
        var read = JsonSerializer.Deserialize(entry.Payload, ContractJson.Default.GroupMembership)!;
        return entry with
        {
            Payload = JsonSerializer.SerializeToUtf8Bytes(
                Change(read), ContractJson.Default.GroupMembership),
        };
    }
}

internal sealed class LearnerCounted : MembershipMutation
{
    public override string Name => "learner-counted";

    public override string Breaks => "A node that was just added, and has nothing yet, votes and counts.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    protected override GroupMembership Change(GroupMembership membership) => membership with
    {
        Members = [.. membership.Members.Select(member => member with { Role = MemberRole.Voter })],
    };
}

internal sealed class ChangeInOneStep : MembershipMutation
{
    public override string Name => "change-in-one-step";

    public override string Breaks =>
        "A change of voters is one entry: who has it counts by it alone, and who has not by the one before.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    protected override GroupMembership Change(GroupMembership membership) =>
        membership with { OutgoingVoters = [] };
}

internal sealed class MembersLostInSnapshot : Mutation
{
    public override string Name => "members-lost-in-snapshot";

    public override string Breaks => "A snapshot leaves out the membership: it counts as the bootstrap's.";

    public override IReadOnlyList<string> FoundBy => OfRaft;

    public override FaultPlan OnPlan(FaultPlan plan) => MembershipFaults.Of(plan) with { SnapshotEvery = 20 };

    public override RaftOutput OnWrite(IRaftNode node, RaftOutput output) => output.Snapshot is { } snapshot
        ? output with { Snapshot = snapshot with { Membership = null } }
        : output;
}

/// <summary>Members change often, in several places at once, while nodes crash and paths are cut.</summary>
internal static class MembershipFaults
{
    public static FaultPlan Of(FaultPlan plan) => plan with
    {
        Nodes = 3,
        Newcomers = 2,
        Rates = plan.Rates with
        {
            MemberChange = 400,
            NodeCrash = 900,
            PartialCut = 900,
            Cut = 1_500,
            Transfer = 900,
            DamageAtStart = 0,
        },
    };
}

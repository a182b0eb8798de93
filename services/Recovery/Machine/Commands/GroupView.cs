using Muster.Contracts.Recovery;

namespace Muster.Recovery.Machine;

/// <summary>A group as answers show it.</summary>
internal static class GroupView
{
    public static StandbyGroup Of(Group group) => new()
    {
        Group = group.Name,
        GroupEpoch = group.Epoch,
        Primary = group.Primary,
        StateVersion = group.StateVersion,
        FenceToken = group.FenceToken,
        Lock = group.Policy?.Lock ?? "",
        Members = [.. group.Members.Values.Select(member => Of(group, member))],
    };

    private static StandbyMember Of(Group group, Member member) => new()
    {
        Member = member.Name,
        Node = member.Identity.Node,
        Incarnation = member.Identity.Incarnation,
        Role = group.Primary == member.Name ? StandbyRole.Primary : StandbyRole.Standby,
        StateVersion = member.StateVersion,
        IsHealthy = member.IsHealthy,
    };
}

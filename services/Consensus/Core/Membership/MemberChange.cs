using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// Which membership follows from a wanted change, or why none does. What is so already is left out: a change
/// may be asked for again.
/// </summary>
internal static class MemberChange
{
    public const int MostVoters = 9;
    public const int MostMembers = 16;
    private const int LongestName = 64;

    /// <summary>
    /// The next membership, the present one when nothing is left to change, or why not. When voters come or
    /// go it is a joint one: a majority of those before and one of those after must agree, so that however
    /// many change, no two majorities miss each other.
    /// </summary>
    public static (Configuration? Next, string? Problem) Of(Configuration present, ChangeReceived wanted)
    {
        var request = wanted.Request;
        var named = request.Add.Concat(request.Promote).Concat(request.Remove).ToList();
        if (named.Count == 0) return (null, "The change names no node.");
        if (named.Distinct().Count() != named.Count) return (null, "The change names a node twice.");
        if (named.Find(node => !IsName(node.Value)) is { IsNone: false } odd)
            return (null, $"'{odd}' is no name of a node: 1 to {LongestName} letters, digits, '-' and '_'.");
        var members = new SortedDictionary<NodeId, GroupMember>(present.Membership.Members.ToDictionary(
            member => member.Node, member => WithDisk(member, wanted.BootstrapDisks)));
        foreach (var node in request.Add)
        {
            if (Add(members, node, wanted) is { } problem) return (null, problem);
        }

        foreach (var node in request.Promote)
        {
            if (!members.TryGetValue(node, out var member))
                return (null, $"{node} is no member: add it first.");
            members[node] = member with { Role = MemberRole.Voter, StaysLearner = false };
        }

        foreach (var node in request.Remove) members.Remove(node);
        var isSame = members.Count == present.Membership.Members.Count
            && present.Membership.Members.All(one => members.GetValueOrDefault(one.Node) is { } now
                && (now.Role, now.StaysLearner) == (one.Role, one.StaysLearner));
        return isSame ? (present, null)
            : Checked(present, [.. members.Values], wanted);
    }

    private static string? Add(
        SortedDictionary<NodeId, GroupMember> members, NodeId node, ChangeReceived wanted)
    {
        var announced = wanted.Newcomers.GetValueOrDefault(node, "");
        if (members.TryGetValue(node, out var member))
        {
            return announced.Length == 0 || announced == member.DiskId ? null
                : $"{node} is a member by disk {member.DiskId}, and runs with disk {announced}: "
                    + "remove it first.";
        }

        if (announced.Length == 0)
            return $"{node} has not announced its disk: start it with Consensus:Join=true.";
        members.Add(node, new GroupMember
        {
            Node = node,
            DiskId = announced,
            Role = MemberRole.Learner,
            StaysLearner = wanted.Request.StayLearners,
        });
        return null;
    }

    private static (Configuration? Next, string? Problem) Checked(
        Configuration present, IReadOnlyList<GroupMember> members, ChangeReceived wanted)
    {
        var voters = members.Where(one => one.Role == MemberRole.Voter).Select(one => one.Node).ToList();
        if (voters.Count == 0) return (null, "The group would have no voter.");
        if (voters.Count > MostVoters)
            return (null, $"The group would have {voters.Count} voters; at most {MostVoters} are allowed.");
        if (members.Count > MostMembers)
            return (null,
                $"The group would have {members.Count} members; at most {MostMembers} are allowed.");
        var before = present.Membership.Members.Where(member => member.Role == MemberRole.Voter)
            .Select(member => WithDisk(member, wanted.BootstrapDisks)).ToList();
        var isJoint = !before.Select(one => one.Node).SequenceEqual(voters);
        return (new Configuration(new GroupMembership
        {
            Members = members,
            OutgoingVoters = isJoint ? before : [],
        }), null);
    }

    private static GroupMember WithDisk(GroupMember member, IReadOnlyDictionary<NodeId, string> disks) =>
        member.DiskId.Length > 0 ? member : member with { DiskId = disks.GetValueOrDefault(member.Node, "") };

    private static bool IsName(string? name) => name is { Length: > 0 and <= LongestName }
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

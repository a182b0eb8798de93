using System.Text.Json;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// A membership as the core counts with it. While a change is under way every majority is one of the voters
/// before it and one of those after it (section 6).
/// </summary>
internal sealed class Configuration
{
    private readonly NodeId[] voters;
    private readonly NodeId[] outgoing;
    private readonly Dictionary<NodeId, GroupMember> byName = [];

    public Configuration(GroupMembership membership)
    {
        Membership = membership;
        voters = [.. membership.Members.Where(one => one.Role == MemberRole.Voter).Select(one => one.Node)];
        outgoing = [.. membership.OutgoingVoters.Select(one => one.Node)];
        foreach (var member in membership.Members.Concat(membership.OutgoingVoters))
            byName.TryAdd(member.Node, member);
        Nodes = [.. byName.Keys.Order()];
        Voters = [.. voters.Union(outgoing).Order()];
    }

    public GroupMembership Membership { get; }

    /// <summary>All who get entries: voters, learners and outgoing voters.</summary>
    public IReadOnlyList<NodeId> Nodes { get; }

    /// <summary>Of both sides of a change.</summary>
    public IReadOnlyList<NodeId> Voters { get; }

    public bool IsJoint => outgoing.Length > 0;

    /// <summary>The members since the bootstrap; their disks are the driver's to know.</summary>
    public static Configuration OfBootstrap(IEnumerable<NodeId> voters) => new(new GroupMembership
    {
        Members = [.. voters.Distinct().Order().Select(voter => new GroupMember { Node = voter })],
    });

    public static Configuration Read(LogEntry entry) => new(
        JsonSerializer.Deserialize(entry.Payload, ContractJson.Default.GroupMembership)
            ?? throw new JsonException($"Entry {entry.Index} has no membership."));

    public byte[] Write() =>
        JsonSerializer.SerializeToUtf8Bytes(Membership, ContractJson.Default.GroupMembership);

    public bool IsVoter(NodeId node) =>
        Array.IndexOf(voters, node) >= 0 || Array.IndexOf(outgoing, node) >= 0;

    /// <summary>A voter after the change, if one is under way.</summary>
    public bool IsLastingVoter(NodeId node) => Array.IndexOf(voters, node) >= 0;

    public bool IsMember(NodeId node) => byName.ContainsKey(node);

    public GroupMember? Find(NodeId node) => byName.GetValueOrDefault(node);

    public bool IsMajority(IReadOnlySet<NodeId> nodes) =>
        IsMajority(voters, nodes) && (!IsJoint || IsMajority(outgoing, nodes));

    /// <summary>The greatest value that a majority has reached.</summary>
    public long Reached(Func<NodeId, long> valueOf)
    {
        var reached = Reached(voters, valueOf);
        return IsJoint ? Math.Min(reached, Reached(outgoing, valueOf)) : reached;
    }

    /// <summary>What follows a joint one that is committed.</summary>
    public Configuration Left() => new(Membership with { OutgoingVoters = [] });

    private static bool IsMajority(NodeId[] voters, IReadOnlySet<NodeId> nodes) =>
        voters.Length > 0 && voters.Count(nodes.Contains) >= Quorum.SizeOf(voters.Length);

    private static long Reached(NodeId[] voters, Func<NodeId, long> valueOf)
    {
        Span<long> values = stackalloc long[voters.Length];
        for (var i = 0; i < voters.Length; i++) values[i] = valueOf(voters[i]);
        return Quorum.Reached(values);
    }
}

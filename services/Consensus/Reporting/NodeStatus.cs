using System.Text.Json.Serialization;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Reporting;

/// <summary>What stands between a node and its part in the cluster.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Participation>))]
public enum Participation
{
    /// <summary>Its logs are read and checked; it does nothing else yet.</summary>
    Reading,

    /// <summary>Not every member's disk is known yet; the node neither votes nor stands.</summary>
    Forming,

    TakesPart,

    /// <summary>
    /// A member knows another disk under this node's name: this one was emptied or replaced.
    /// </summary>
    Refused,

    /// <summary>No group has this node among its members: it waits to be added, or was removed.</summary>
    NotMember,

    /// <summary>A commit or a step failed; the process ends.</summary>
    Failed,

    Stopped,
}

/// <summary>
/// A node as its loop last saw it; roles are current, indexes at most a tenth of a second old.
/// </summary>
public sealed record NodeStatus
{
    public required string Node { get; init; }

    public required string ClusterId { get; init; }

    public required string DiskId { get; init; }

    /// <summary>
    /// This process among all that ran from the disk; see <see cref="PeerMessage.StartId"/>.
    /// </summary>
    public string StartId { get; init; } = "";

    /// <summary>Names the logs of this bootstrap; empty until every member's disk is known.</summary>
    public string LogId { get; init; } = "";

    public required Participation Participation { get; init; }

    /// <summary>A sentence for people: whose disk is missing, or who refused this one.</summary>
    public string Detail { get; init; } = "";

    public bool IsConnected { get; init; }

    /// <summary>
    /// The loop has finished no round for longer than it may: a write hangs, or the computer does not run it.
    /// All else here is from before.
    /// </summary>
    public bool HasStalled { get; init; }

    /// <summary>
    /// Queues of members that the broker said were deleted; 0 for ever where it has no event plugin.
    /// </summary>
    public long Hints { get; init; }

    public long Steps { get; init; }

    public long Commits { get; init; }

    public long MessagesReceived { get; init; }

    /// <summary>Of their bodies.</summary>
    public long BytesReceived { get; init; }

    public long MessagesDropped { get; init; }

    /// <summary>Elections this node has won since its start, by group.</summary>
    public IReadOnlyDictionary<string, long> ElectionsWon { get; init; } =
        new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>The newest 100 of them, the oldest first.</summary>
    public IReadOnlyList<WonElection> Elections { get; init; } = [];

    /// <summary>
    /// The newest 100 stalls of half the shortest election timeout or more, in the order of their ends.
    /// </summary>
    public IReadOnlyList<Stall> Stalls { get; init; } = [];

    /// <summary>How many there were of its loop, since its start.</summary>
    public long LoopStalls { get; init; }

    /// <summary>How many there were of the broker, since its start.</summary>
    public long BrokerStalls { get; init; }

    /// <summary>
    /// What a message of the node to itself takes over the broker, in milliseconds: a mean in which the last
    /// eight count most. 0: none came back yet.
    /// </summary>
    public double BrokerRoundTripMilliseconds { get; init; }

    /// <summary>
    /// Members that lost acknowledged entries, as this node found while it led: a sentence for each group and
    /// member, for as long as the process lives.
    /// </summary>
    public IReadOnlyList<string> LostEntries { get; init; } = [];

    public IReadOnlyList<GroupDescription> Groups { get; init; } = [];

    /// <summary>What the start took.</summary>
    public StartTimes Start { get; init; } = new();

    public bool IsReady => Participation == Participation.TakesPart && IsConnected && !HasStalled
        && Groups.All(group => !group.Leader.IsNone && !group.IsRepairing);
}

using Muster.Contracts;

namespace Muster.Recovery.Machine;

/// <summary>One standby group: who leads it, what it has written, and who could follow.</summary>
internal sealed class Group
{
    public required string Name { get; init; }

    /// <summary>Raised by every promotion.</summary>
    public long Epoch { get; set; }

    /// <summary>Empty: nobody.</summary>
    public string Primary { get; set; } = "";

    public long StateVersion { get; set; }

    public byte[] State { get; set; } = [];

    public FencingToken FenceToken { get; set; }

    public Policy? Policy { get; set; }

    public SortedDictionary<string, Member> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>The newest writes, oldest first.</summary>
    public Queue<Write> Writes { get; } = new();

    /// <summary>While the primary is not verified, or is being replaced.</summary>
    public Plan? Plan { get; set; }

    public bool HasPrimary => Primary.Length > 0;

    /// <summary>Unhealthy, and neither the primary nor what a plan is about.</summary>
    public IEnumerable<Member> Spare => Members.Values.Where(member =>
        !member.IsHealthy && member.Name != Primary
        && !(Plan is { } plan && (plan.FailedMember == member.Name || plan.Tried.Contains(member.Name))));

    /// <summary>Nothing would be lost with it.</summary>
    public bool IsEmpty => Members.Count == 0 && Policy is null && StateVersion == 0 && Plan is null;
}

/// <summary>What is done when the primary fails.</summary>
internal sealed record Policy(string Lock, long VerifyMilliseconds, bool IsAutomatic);

/// <summary>A write that was done: its repeat gets the same answer.</summary>
internal sealed record Write(string CommandId, string Member, long Version);

/// <summary>
/// One process that a member was, by its node's incarnation and its lock session, and its membership there: a
/// process may leave and join again under one name.
/// </summary>
internal sealed record Identity(string Node, string Incarnation, string SessionId, string Membership)
{
    public bool IsProcessOf(Identity other) => Node == other.Node && Incarnation == other.Incarnation;
}

/// <param name="name">Unique in the group.</param>
/// <param name="identity">The process that it is now.</param>
/// <param name="isHealthy">Its node is not held for failed.</param>
/// <param name="since">The entry since which it is so.</param>
internal sealed class Member(string name, Identity identity, bool isHealthy, LogIndex since)
{
    public const int MaxPast = 4;

    public string Name => name;

    public Identity Identity { get; private set; } = identity;

    /// <summary>
    /// The newest that it was, oldest first: a late copy of their messages must not bring them back.
    /// </summary>
    public List<Identity> Past { get; init; } = [];

    public long StateVersion { get; set; }

    public bool IsHealthy { get; private set; } = isHealthy;

    public LogIndex HealthSince { get; set; } = since;

    public void Become(Identity other)
    {
        Past.Add(Identity);
        if (Past.Count > MaxPast)
        {
            Past.RemoveAt(0);
        }
        Identity = other;
    }

    /// <summary>It was this before, or had this membership.</summary>
    public bool Was(Identity other) => Past.Contains(other)
        || (other.Membership.Length > 0 && other.Membership != Identity.Membership
            && Past.Exists(past => past.Membership == other.Membership));

    public void Judge(bool isNowHealthy, LogIndex at)
    {
        if (IsHealthy != isNowHealthy)
        {
            (IsHealthy, HealthSince) = (isNowHealthy, at);
        }
    }
}

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

    /// <summary>The recovery that is under way.</summary>
    public Plan? Plan { get; set; }

    public bool HasPrimary => Primary.Length > 0;

    /// <summary>Nothing would be lost with it.</summary>
    public bool IsEmpty => Members.Count == 0 && Policy is null && StateVersion == 0 && Plan is null;
}

/// <summary>What is done when the primary fails.</summary>
internal sealed record Policy(string Lock, long VerifyMilliseconds, bool IsAutomatic);

/// <summary>A write that was done: its repeat gets the same answer.</summary>
internal sealed record Write(string CommandId, string Member, long Version);

/// <summary>One process that a member was, by its node's incarnation and its lock session.</summary>
internal sealed record Identity(string Node, string Incarnation, string SessionId);

internal sealed class Member
{
    public const int MaxPast = 4;

    public required string Name { get; init; }

    public required Identity Identity { get; set; }

    /// <summary>
    /// The newest that it was, oldest first: a late copy of their messages must not bring them back.
    /// </summary>
    public List<Identity> Past { get; init; } = [];

    public long StateVersion { get; set; }

    public bool IsHealthy { get; set; } = true;

    public void Become(Identity identity)
    {
        Past.Add(Identity);
        if (Past.Count > MaxPast)
        {
            Past.RemoveAt(0);
        }
        Identity = identity;
    }
}

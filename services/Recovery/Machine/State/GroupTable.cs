namespace Muster.Recovery.Machine;

/// <summary>The standby groups by name, and what they use of the limits together.</summary>
internal sealed class GroupTable
{
    private readonly SortedDictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public int Count => _groups.Count;

    public int MemberCount { get; private set; }

    public long StateBytes { get; private set; }

    /// <summary>By name, ordinally.</summary>
    public IEnumerable<Group> All => _groups.Values;

    /// <summary>Those with a plan under way, by name.</summary>
    public IEnumerable<Group> Recovering => _groups.Values.Where(group => group.Plan is not null);

    public Group? Find(string name) => _groups.GetValueOrDefault(name);

    public Group? FindPlan(string recoveryId) =>
        _groups.Values.FirstOrDefault(group => group.Plan?.Id == recoveryId);

    /// <summary>With all that it has already.</summary>
    public void Add(Group group)
    {
        _groups.Add(group.Name, group);
        MemberCount += group.Members.Count;
        StateBytes += group.State.Length;
    }

    public void Remove(Group group)
    {
        _groups.Remove(group.Name);
        MemberCount -= group.Members.Count;
        StateBytes -= group.State.Length;
    }

    public void Add(Group group, Member member)
    {
        group.Members.Add(member.Name, member);
        MemberCount++;
    }

    public void Remove(Group group, Member member)
    {
        group.Members.Remove(member.Name);
        MemberCount--;
    }

    public void Write(Group group, byte[] state)
    {
        StateBytes += state.Length - group.State.Length;
        group.State = state;
    }
}

using Muster.Contracts;

namespace Muster.Registry.Machine;

/// <summary>A service's instances, and when they last changed. It may have none left.</summary>
internal sealed class Service(string name)
{
    public string Name => name;

    /// <summary>By id, ordinally.</summary>
    public SortedDictionary<string, Instance> Instances { get; } = new(StringComparer.Ordinal);

    public LogIndex ChangedAt { get; set; }

    /// <summary>Of the instances, as <see cref="SizeOf"/> counts them.</summary>
    public long Bytes { get; set; }

    /// <summary>The longest unchanged first: the order in which empty services are forgotten.</summary>
    public static IComparer<Service> ByChange { get; } = Comparer<Service>.Create((left, right) =>
    {
        var byChange = left.ChangedAt.CompareTo(right.ChangedAt);
        return byChange != 0 ? byChange : string.CompareOrdinal(left.Name, right.Name);
    });
}

using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>A registered instance: what views show of it, and what keeps it there.</summary>
internal sealed class Instance
{
    /// <summary>Only <see cref="ServiceTable"/> sets it.</summary>
    public required ServiceInstance View { get; set; }

    public required InstanceLease Lease { get; set; }

    /// <summary>Machine time at which it expires. Only <see cref="ServiceTable"/> sets it.</summary>
    public long Deadline { get; set; }

    public string Service => View.Service;

    public string Id => View.InstanceId;

    public static IComparer<Instance> ByName { get; } = Comparer<Instance>.Create((left, right) =>
    {
        var byService = string.CompareOrdinal(left.Service, right.Service);
        return byService != 0 ? byService : string.CompareOrdinal(left.Id, right.Id);
    });

    /// <summary>What clients see is the same, whenever it came to be.</summary>
    public static bool ShowTheSame(ServiceInstance left, ServiceInstance right) =>
        left with { Tags = right.Tags, Metadata = right.Metadata, ChangedAt = right.ChangedAt } == right
        && left.Tags.SequenceEqual(right.Tags, StringComparer.Ordinal)
        && left.Metadata.Count == right.Metadata.Count
        && left.Metadata.All(pair =>
            right.Metadata.TryGetValue(pair.Key, out var value)
            && string.Equals(value, pair.Value, StringComparison.Ordinal));
}

/// <param name="Id">Chosen by the owner.</param>
/// <param name="TtlMilliseconds">From one renewal to the end.</param>
/// <param name="IsRestored">From a backup, and not renewed since: its owner may be long gone.</param>
/// <param name="Change">The newest registration under it, as its owner counts; 0: it does not.</param>
/// <param name="DrainChange">The newest draining under it.</param>
internal readonly record struct InstanceLease(
    string Id, long TtlMilliseconds, bool IsRestored = false, long Change = 0, long DrainChange = 0);

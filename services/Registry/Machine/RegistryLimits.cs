namespace Muster.Registry.Machine;

/// <summary>
/// The bounds of a registry group. They decide results, so they are part of <see cref="Genesis"/> and never
/// of a replica's own configuration: two replicas with different limits would part ways.
/// </summary>
public sealed record RegistryLimits
{
    public static RegistryLimits Default { get; } = new();

    /// <summary>Services with an instance.</summary>
    public int MaxServices { get; init; } = 10_000;

    public int MaxInstances { get; init; } = 100_000;

    public int MaxInstancesPerService { get; init; } = 10_000;

    /// <summary>
    /// Bytes of one service's instances: a view is one message, and one value in Redis. They are counted as
    /// in the longest form of a message: 384 for each, 24 for each tag and pair of metadata, and the text,
    /// where a character that JSON may escape, as all but plain ASCII, counts six.
    /// </summary>
    public long MaxServiceBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of all instances, counted in the same way.</summary>
    public long MaxInstanceBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>One heartbeat renews them all, so they bound its work.</summary>
    public int MaxInstancesPerLease { get; init; } = 100;

    /// <summary>Leases beyond these in one heartbeat are not renewed and not answered.</summary>
    public int MaxLeasesPerHeartbeat { get; init; } = 1_000;

    /// <summary>
    /// Services without an instance whose last change is kept by name. Of those forgotten the newest change
    /// is kept for all together.
    /// </summary>
    public int MaxEmptyServices { get; init; } = 10_000;

    public int MaxConfigKeys { get; init; } = 100_000;

    /// <summary>UTF-8 bytes of all keys and values.</summary>
    public long MaxConfigBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Results of commands, kept for the command window. A tenth of it is only for registering, draining and
    /// deregistering instances, and half of that tenth only for the latter two. A deregistration that names
    /// its lease takes two places, as long as there are two.
    /// </summary>
    public int MaxKeptCommandIds { get; init; } = 200_000;

    /// <summary>
    /// Unpublished events above which nothing new is taken. Removals and expiries add to them all the same,
    /// once for each instance and key at most.
    /// </summary>
    public int MaxOutbox { get; init; } = 100_000;

    /// <summary>Bytes of unpublished events, with the same effect.</summary>
    public long MaxOutboxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Events kept for catching up; who missed older ones starts again from the lists.</summary>
    public int MaxKeptEvents { get; init; } = 10_000;

    /// <summary>Bytes of kept events; the newest is kept whatever its size.</summary>
    public long MaxKeptEventBytes { get; init; } = 16 * 1024 * 1024;

    internal bool AreValid =>
        MaxServices > 0 && MaxInstances > 0 && MaxInstancesPerService > 0 && MaxServiceBytes > 0
        && MaxInstanceBytes > 0 && MaxInstancesPerLease > 0 && MaxLeasesPerHeartbeat > 0
        && MaxEmptyServices > 0 && MaxConfigKeys > 0 && MaxConfigBytes > 0 && MaxKeptCommandIds > 0
        && MaxOutbox > 0 && MaxOutboxBytes > 0 && MaxKeptEvents > 0 && MaxKeptEventBytes > 0;
}

namespace Muster.Replication.Core;

/// <summary>
/// The versions that a build's machine can run at, both included. Which one it runs at is in the log: the
/// newest that every replica has.
/// </summary>
public readonly record struct MachineVersions(int Oldest, int Newest)
{
    /// <summary>What a group is founded at.</summary>
    public static MachineVersions First => new(1, 1);

    public bool Has(int version) => version >= Oldest && version <= Newest;

    public override string ToString() => $"{Oldest} to {Newest}";
}

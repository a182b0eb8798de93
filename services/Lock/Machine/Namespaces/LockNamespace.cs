using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// What the locks of a namespace have in use, and how much they may. <see cref="LockTable"/> alone counts.
/// </summary>
internal sealed class LockNamespace(string name)
{
    public string Name { get; } = name;

    /// <summary>Only <see cref="NamespaceTable"/> sets it.</summary>
    public NamespaceLimits Limits { get; set; } = NamespaceTable.NoLimits;

    public bool IsLimited => Limits != NamespaceTable.NoLimits;

    /// <summary>Names in use.</summary>
    public long Locks { get; set; }

    /// <summary>Who holds or waits, once for each name.</summary>
    public long Acquires { get; set; }

    /// <summary>Those of them that wait.</summary>
    public long Waiting { get; set; }

    public NamespaceUse Use => new() { Locks = Locks, Acquires = Acquires, Waiting = Waiting };
}

using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// The namespaces that have a name in use or limits of their own; all others cost nothing. So there are no
/// more of them than names in use and <see
/// cref="LockValidation.MaxLimitedNamespaces"/>.
/// </summary>
internal sealed class NamespaceTable
{
    private readonly ByName<LockNamespace> _namespaces = new();

    public static NamespaceLimits NoLimits { get; } = new();

    public int LimitedCount { get; private set; }

    /// <summary>By name, ordinally.</summary>
    public IEnumerable<LockNamespace> All => _namespaces.All;

    /// <summary>By name, ordinally: those after a name; null: all.</summary>
    public IEnumerable<LockNamespace> After(string? name) => name is null ? All : _namespaces.After(name);

    public LockNamespace? Find(string name) => _namespaces.Find(name);

    public bool IsLimited(string name) => Find(name) is { IsLimited: true };

    /// <summary>A name of the namespace comes into use.</summary>
    public LockNamespace Enter(string lockName)
    {
        var entered = Make(LockNamespaces.OfLock(lockName));
        entered.Locks++;
        return entered;
    }

    /// <summary>A name of the namespace is in use no more.</summary>
    public void Leave(LockNamespace left)
    {
        left.Locks--;
        DropIfEmpty(left);
    }

    public LockNamespace Limit(string name, NamespaceLimits limits)
    {
        var limited = Make(name);
        LimitedCount += (limits == NoLimits ? 0 : 1) - (limited.IsLimited ? 1 : 0);
        limited.Limits = limits;
        DropIfEmpty(limited);
        return limited;
    }

    private LockNamespace Make(string name)
    {
        if (Find(name) is { } found)
        {
            return found;
        }
        var made = new LockNamespace(name);
        _namespaces.Add(name, made);
        return made;
    }

    private void DropIfEmpty(LockNamespace left)
    {
        if (left.Locks == 0 && !left.IsLimited)
        {
            _namespaces.Remove(left.Name);
        }
    }
}

using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// The namespaces that have a name in use or limits of their own; all others cost nothing. So there are no
/// more of them than names in use and <see
/// cref="LockValidation.MaxLimitedNamespaces"/>.
/// </summary>
internal sealed class NamespaceTable
{
    private readonly SortedDictionary<string, LockNamespace> _namespaces = new(StringComparer.Ordinal);

    public static NamespaceLimits NoLimits { get; } = new();

    public int LimitedCount { get; private set; }

    /// <summary>By name, ordinally.</summary>
    public IEnumerable<LockNamespace> All => _namespaces.Values;

    /// <summary>By name, ordinally: those after a name; null: all.</summary>
    public IEnumerable<LockNamespace> After(string? name) => _namespaces.Values
        .SkipWhile(one => name is not null && string.CompareOrdinal(one.Name, name) <= 0);

    public LockNamespace? Find(string name) => _namespaces.GetValueOrDefault(name);

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
        if (!_namespaces.TryGetValue(name, out var made))
        {
            _namespaces[name] = made = new LockNamespace(name);
        }
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

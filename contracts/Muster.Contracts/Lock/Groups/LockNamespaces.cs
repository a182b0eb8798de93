namespace Muster.Contracts.Lock;

/// <summary>
/// Which namespace a lock is in: operators limit what each has in use, by <see cref="SetNamespaceLimits"/>.
/// </summary>
public static class LockNamespaces
{
    private const char End = '/';

    /// <summary>
    /// What of a lock's name comes before its first <c>/</c>; empty when there is none. An election is in one
    /// of its own: <c>muster:election:</c> and what of its name comes before the first <c>/</c>, so that who
    /// limits locks never keeps a service from having a leader.
    /// </summary>
    public static string OfLock(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return LockGroups.ElectionOfLock(name) is { } election
            ? LockGroups.LockOfElection(BeforeEnd(election))
            : BeforeEnd(name);
    }

    private static string BeforeEnd(string name)
    {
        var end = name.IndexOf(End, StringComparison.Ordinal);
        return end < 0 ? "" : name[..end];
    }
}

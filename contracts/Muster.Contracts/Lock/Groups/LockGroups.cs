using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Muster.Contracts.Lock;

/// <summary>
/// Where a lock lives when the lock service has several groups: each has a log, sessions and an event stream
/// of its own. The number of groups is fixed when the cluster is founded. Of one group everything is in
/// number 0, whatever it is called.
/// </summary>
public static class LockGroups
{
    /// <summary>
    /// Groups at most: with those of the other services they fit into one backup.
    /// </summary>
    public const int Most = 32;

    /// <summary>The group's name in front of the numbers: that of number 0, and of the only one.</summary>
    public const string FirstName = "lock";

    private const string ElectionPrefix = "muster:election:";
    private const char AfterNumber = ':';

    /// <summary>
    /// <c>lock</c> for number 0, <c>lock-1</c>, <c>lock-2</c> and so on: whatever number of groups a process
    /// is configured with, it meets the log of the first.
    /// </summary>
    /// <param name="number">The group's number, from 0.</param>
    /// <param name="first">What number 0 is called.</param>
    public static string NameOf(int number, string first = FirstName) =>
        number == 0 ? first : string.Create(CultureInfo.InvariantCulture, $"{first}-{number}");

    /// <summary>The names of so many groups, in the order of their numbers.</summary>
    public static IReadOnlyList<string> NamesOf(int groups, string first = FirstName) =>
        [.. Enumerable.Range(0, groups).Select(number => NameOf(number, first))];

    /// <summary>
    /// The number of the group that has a lock: the first 8 bytes of the SHA-256 of the name's tag in UTF-8,
    /// as an unsigned number of the greatest byte first, modulo the number of groups.
    /// </summary>
    /// <param name="name">The lock's name.</param>
    /// <param name="groups">How many groups there are, 1 to <see cref="Most"/>.</param>
    public static int OfLock(string name, int groups)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        if (groups == 1)
        {
            return 0;
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(TagOf(name)), hash);
        return (int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)groups);
    }

    /// <summary>The number of the group that has an election: that of the lock it is.</summary>
    public static int OfElection(string election, int groups) => OfLock(LockOfElection(election), groups);

    /// <summary>
    /// The number of the group that a session is in, which its id begins with when there are several:
    /// <c>2:</c> and what makes it unique. Null when it does not begin with the number of one of them.
    /// </summary>
    public static int? OfSession(string sessionId, int groups)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        if (groups == 1)
        {
            return 0;
        }
        var end = sessionId.IndexOf(AfterNumber, StringComparison.Ordinal);
        return end > 0
            && int.TryParse(sessionId[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number < groups
            ? number
            : null;
    }

    /// <summary>A session's id in a group of several; of one group the unique part alone.</summary>
    public static string SessionIdOf(int number, int groups, string unique) =>
        groups == 1 ? unique : string.Create(CultureInfo.InvariantCulture, $"{number}{AfterNumber}{unique}");

    /// <summary>
    /// What of a name decides its group: the part between its first <c>{</c> and the next <c>}</c>, if there
    /// is one and it is not empty; else all of it. So <c>{orders}a</c> and <c>b{orders}</c> are in one group,
    /// and so is the election <c>{orders}leader</c>.
    /// </summary>
    public static string TagOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var open = name.IndexOf('{', StringComparison.Ordinal);
        var close = open < 0 ? -1 : name.IndexOf('}', open);
        return close > open + 1 ? name[(open + 1)..close] : name;
    }

    /// <summary>The lock that an election is.</summary>
    public static string LockOfElection(string election) => ElectionPrefix + election;

    /// <summary>The election that a lock is; null: it is none.</summary>
    public static string? ElectionOfLock(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(ElectionPrefix, StringComparison.Ordinal)
            ? name[ElectionPrefix.Length..]
            : null;
    }
}

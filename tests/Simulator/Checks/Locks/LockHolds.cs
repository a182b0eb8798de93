using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>One hold of one name, as the log's events make it.</summary>
/// <param name="AcquireId">Of the acquire; an upgrade changes its hold and is none itself.</param>
/// <param name="SessionId">Whose it is.</param>
/// <param name="Mode">As it is held now.</param>
/// <param name="Permits">0 of a lock.</param>
/// <param name="Token">The newest.</param>
internal sealed record LockHold(
    string AcquireId, string SessionId, LockMode Mode, int Permits, FencingToken Token)
{
    /// <summary>Why such a hold may not be beside these; null: it may.</summary>
    public static string? Conflict(
        IReadOnlyList<LockHold> holders, LockMode mode, int permits, int maxPermits) => mode switch
        {
            LockMode.Permits => holders.Sum(one => one.Permits) is var taken && taken + permits <= maxPermits
                ? null
                : $"{taken} of {maxPermits} permits are taken",
            LockMode.Exclusive => Describe(holders),
            LockMode.Shared => Describe(holders.Where(one => one.Mode == LockMode.Exclusive)),
            _ => Describe(holders.Where(one => one.Mode is LockMode.Exclusive or LockMode.Upgradeable)),
        };

    private static string? Describe(IEnumerable<LockHold> holders) =>
        holders.FirstOrDefault() is { } other ? $"{other.AcquireId} holds it ({other.Mode})" : null;
}

/// <summary>Who held which name after each entry.</summary>
internal sealed class LockHolds
{
    private readonly SortedDictionary<string, List<Version>> _names = new(StringComparer.Ordinal);

    /// <summary>By the log so far, in the order of their grants.</summary>
    public IReadOnlyList<LockHold> Of(string name) =>
        _names.TryGetValue(name, out var versions) ? versions[^1].Holders : [];

    /// <summary>After the entry of this index.</summary>
    public IReadOnlyList<LockHold> At(string name, LogIndex index) =>
        _names.TryGetValue(name, out var versions)
            ? versions.FindLast(version => version.From <= index).Holders ?? []
            : [];

    /// <summary>The hold that it is on this name; null: none.</summary>
    public LockHold? Find(string name, string acquireId) =>
        Of(name).FirstOrDefault(one => one.AcquireId == acquireId);

    /// <summary>What a session holds, of whatever names.</summary>
    public IReadOnlySet<(string AcquireId, FencingToken Token)> OfSession(string sessionId) =>
        _names.Keys.SelectMany(Of).Where(hold => hold.SessionId == sessionId)
            .Select(hold => (hold.AcquireId, hold.Token)).ToHashSet();

    /// <summary>The first name that one of these sessions holds still; null: none.</summary>
    public string? FirstOf(IReadOnlySet<string> sessions) => _names.Keys.FirstOrDefault(
        name => Of(name).Any(hold => sessions.Contains(hold.SessionId)));

    public void Add(LogIndex index, string name, LockHold hold) => Set(index, name, [.. Of(name), hold]);

    public void Remove(LogIndex index, string name, LockHold hold) =>
        Set(index, name, [.. Of(name).Where(one => one != hold)]);

    /// <summary>In the place of the other, as an upgrade changes it.</summary>
    public void Change(LogIndex index, string name, LockHold hold, LockHold into) =>
        Set(index, name, [.. Of(name).Select(one => one == hold ? into : one)]);

    private void Set(LogIndex index, string name, IReadOnlyList<LockHold> holders)
    {
        _names.TryAdd(name, []);
        _names[name].Add(new(index, holders));
    }

    private readonly record struct Version(LogIndex From, IReadOnlyList<LockHold> Holders);
}

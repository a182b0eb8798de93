using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;

namespace Muster.Simulator;

/// <summary>What the commands in the log ask for, read from the entries and not from the machine.</summary>
internal sealed class LockAsked
{
    public Dictionary<string, AcquireLock> Acquires { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, UpgradeLock> Upgrades { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, BreakLock> Breaks { get; } = new(StringComparer.Ordinal);

    /// <summary>By the session's id; a copy says the same.</summary>
    public Dictionary<string, OpenSession> Sessions { get; } = new(StringComparer.Ordinal);

    public static IReadOnlyList<string> NamesOf(AcquireLock acquire) => acquire.Names ?? [acquire.Name];

    /// <summary>Whose grant a break takes.</summary>
    public static bool IsMeant(BreakLock one, string sessionId, FencingToken token) =>
        (one.ExpectedToken == FencingToken.None || one.ExpectedToken == token)
        && (one.ExpectedSession.Length == 0 || one.ExpectedSession == sessionId);

    public void Read(IReadOnlyList<LockEntryCommand> commands)
    {
        foreach (var command in commands)
        {
            switch (command)
            {
                case { AcquireLock: { } acquire }:
                    Acquires.TryAdd(acquire.CommandId, acquire);
                    break;
                case { UpgradeLock: { } upgrade }:
                    Upgrades.TryAdd(upgrade.CommandId, upgrade);
                    break;
                case { BreakLock: { } breaking }:
                    Breaks.TryAdd(breaking.CommandId, breaking);
                    break;
                case { OpenSession: { } open }:
                    Sessions.TryAdd(open.SessionId, open);
                    break;
            }
        }
    }

    /// <summary>In what a grant differs from what was asked; null: in nothing.</summary>
    public string? Difference(LockGranted granted)
    {
        if (granted.AcquireId is { } hold)
        {
            return Upgrades.TryGetValue(granted.CommandId, out var upgrade)
                && (upgrade.AcquireId, upgrade.Name) == (hold, granted.Name)
                && granted.Mode == LockMode.Exclusive ? null : "no such upgrade was asked for";
        }
        if (!Acquires.TryGetValue(granted.CommandId, out var acquire))
        {
            return "no such acquire was asked for";
        }
        var (names, wanted) = (granted.Names ?? [granted.Name], NamesOf(acquire));
        if (!names.Order(StringComparer.Ordinal).SequenceEqual(wanted.Order(StringComparer.Ordinal)))
        {
            return $"[{string.Join(' ', names)}] is granted of [{string.Join(' ', wanted)}]";
        }
        var permits = acquire.Mode == LockMode.Permits ? acquire.Permits : 0;
        return granted.Mode == acquire.Mode && granted.Permits == permits
            ? null
            : $"{granted.Permits} in mode {granted.Mode} of {permits} in mode {acquire.Mode}";
    }
}

using Muster.Contracts.Lock;
using Shouldly;

namespace Muster.Unit.Tests.Lock;

/// <summary>Who holds what, by the events alone; whoever may not hold together fails the test.</summary>
internal sealed class HeldNames
{
    private readonly List<Hold> _holds = [];
    private readonly Dictionary<string, string> _upgrades = [];

    /// <summary>In the order of their tokens.</summary>
    public IEnumerable<Hold> Of(string name) =>
        _holds.Where(hold => hold.Names.Contains(name)).OrderBy(hold => hold.Token);

    /// <summary>One holds it that held it when that token was the newest; an upgrade may have raised its own.
    /// </summary>
    public bool IsFrom(string name, long token) => Of(name).Any(hold => hold.FirstToken <= token);

    public long LeastToken(string name) =>
        Of(name).Select(hold => hold.Token).DefaultIfEmpty(long.MaxValue).First();

    public void Grant(LockGranted granted)
    {
        if (granted.AcquireId is { } upgraded)
        {
            var hold = _holds.Single(one => one.Acquire == upgraded && one.Session == granted.SessionId);
            hold.Mode.ShouldBe(LockMode.Upgradeable);
            (hold.Mode, hold.Token) = (LockMode.Exclusive, granted.FencingToken.Value);
            _upgrades[granted.CommandId] = upgraded;
        }
        else
        {
            _holds.Add(new Hold(
                granted.Names ?? [granted.Name], granted.SessionId, granted.CommandId, granted.Permits)
            {
                Mode = granted.Mode,
                Token = granted.FencingToken.Value,
                FirstToken = granted.FencingToken.Value,
            });
        }
        foreach (var name in granted.Names ?? [granted.Name])
        {
            var holders = Of(name).ToList();
            MayHoldTogether(holders).ShouldBeTrue($"{name}: {string.Join(", ", holders)}");
        }
    }

    /// <summary>A released upgrade leaves its hold upgradeable.</summary>
    public void End(string session, string acquire)
    {
        if (_upgrades.Remove(acquire, out var upgraded))
        {
            _holds.Single(one => one.Acquire == upgraded && one.Session == session).Mode =
                LockMode.Upgradeable;
            return;
        }
        _holds.RemoveAll(one => one.Acquire == acquire && one.Session == session).ShouldBe(1, acquire);
        foreach (var (upgrade, _) in _upgrades.Where(one => one.Value == acquire).ToList())
        {
            _upgrades.Remove(upgrade);
        }
    }

    /// <summary>The first waiter of a name could hold all that it waits for now.</summary>
    public bool MayHold(LockWaiter waiter, IReadOnlyDictionary<string, LockDescription> described)
    {
        var waits = described.Values
            .Where(one => one.Waiters.Any(other => other.AcquireId == waiter.AcquireId)).ToList();
        return waits.All(one => one.DelayedMilliseconds == 0
            && one.Waiters[0].AcquireId == waiter.AcquireId
            && MayHoldTogether(waiter.IsUpgrade
                ? [.. Of(one.Name).Select(hold => hold.Mode == LockMode.Upgradeable
                    ? hold with { Mode = LockMode.Exclusive }
                    : hold)]
                : [
                    .. Of(one.Name),
                    new Hold([one.Name], waiter.SessionId, waiter.AcquireId, waiter.Permits)
                    {
                        Mode = waiter.Mode,
                    },
                ]));
    }

    private static bool MayHoldTogether(List<Hold> holders) =>
        (holders.Count == 1 || holders.All(holder => holder.Mode != LockMode.Exclusive))
        && holders.Count(holder => holder.Mode == LockMode.Upgradeable) <= 1
        && holders.Select(holder => holder.Mode == LockMode.Permits).Distinct().Count() <= 1
        && holders.Sum(holder => holder.Permits) <= 3;

    internal sealed record Hold(IReadOnlyList<string> Names, string Session, string Acquire, int Permits)
    {
        public LockMode Mode { get; set; }

        public long Token { get; set; }

        public long FirstToken { get; init; }
    }
}

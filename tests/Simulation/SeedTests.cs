using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Simulation.Tests;

/// <summary>A fixed set of seeds, and some that nobody has run before.</summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private const long FaultySeconds = 30;

    /// <summary>One to four minutes on one core, by the machine.</summary>
    private const int FixedSeeds = 150;

    private static readonly TimeSpan FreshTime = TimeSpan.FromSeconds(15);

    /// <summary>The rarer kinds; all others happen more often than in every third run.</summary>
    private static readonly SortedDictionary<Happening, int> AtLeast = new()
    {
        [Happening.UnsyncedWriteLost] = 15,
        [Happening.UnsyncedWriteKept] = 15,
        [Happening.Damage] = 15,
        [Happening.TailDamage] = 1,
        [Happening.VoteDamage] = 1,
        [Happening.DamageRepaired] = 10,
        [Happening.Suspension] = 20,
        [Happening.DiskEmptied] = 20,
        [Happening.EmptiedDiskRefused] = 10,
        [Happening.EmptiedDiskAdded] = 20,
        [Happening.SecondProcessRefused] = 15,
    };

    [Fact]
    public void The_fixed_seeds_hold_every_property()
    {
        var results = Enumerable.Range(1, FixedSeeds).Select(seed => Passed((ulong)seed)).ToList();

        // Runs in which nothing happens prove nothing.
        results.Sum(result => result.Numbers.Undecided).ShouldBeLessThan(FixedSeeds / 10);
        results.Sum(result => result.Numbers.Grants).ShouldBeGreaterThan(FixedSeeds * 20);
        results.Sum(result => result.Numbers.Shared).ShouldBeGreaterThan(FixedSeeds * 10);
        results.Sum(result => result.Numbers.Upgrades).ShouldBeGreaterThan(FixedSeeds * 2);
        results.Sum(result => result.Numbers.Permits).ShouldBeGreaterThan(FixedSeeds * 5);
        results.Sum(result => result.Numbers.Several).ShouldBeGreaterThan(FixedSeeds * 2);
        results.Sum(result => result.Numbers.Breaks).ShouldBeGreaterThan(FixedSeeds);
        results.Sum(result => result.Numbers.Crashes).ShouldBeGreaterThan(FixedSeeds / 2);
        results.Sum(result => result.Numbers.FalseCrashes).ShouldBeGreaterThan(FixedSeeds / 10);
        results.Sum(result => result.Numbers.Fenced).ShouldBeGreaterThan(FixedSeeds / 50);
        results.Sum(result => result.Numbers.Elections).ShouldBeGreaterThan(FixedSeeds * 2);
        results.Sum(result => result.Numbers.Memberships).ShouldBeGreaterThan(FixedSeeds);
        results.Sum(result => result.Numbers.Expiries).ShouldBeGreaterThan(FixedSeeds);
        results.Sum(result => result.Numbers.Cancels).ShouldBeGreaterThan(FixedSeeds);
        results.Sum(result => result.Numbers.Descriptions).ShouldBeGreaterThan(FixedSeeds * 5);
        results.Sum(result => result.Numbers.Calls).ShouldBeGreaterThan(FixedSeeds * 50);
        results.Sum(result => result.Numbers.Writes).ShouldBeGreaterThan(FixedSeeds * 20);
        results.Sum(result => result.Numbers.Resolved).ShouldBeGreaterThan(FixedSeeds * 10);
        results.Sum(result => result.Numbers.Registrations).ShouldBeGreaterThan(FixedSeeds * 5);
        results.Sum(result => result.Numbers.LeaseExpiries).ShouldBeGreaterThan(FixedSeeds);
        results.Sum(result => result.Numbers.Verdicts).ShouldBeGreaterThan(FixedSeeds);
        results.Sum(result => result.Numbers.NodesRestored).ShouldBeGreaterThan(FixedSeeds / 2);
        results.Sum(result => result.Numbers.Promotions).ShouldBeGreaterThan(FixedSeeds);
        results.Sum(result => result.Numbers.Recoveries).ShouldBeGreaterThan(FixedSeeds / 10);
        results.Sum(result => result.Numbers.StateWrites).ShouldBeGreaterThan(FixedSeeds * 10);
        results.Sum(result => result.Numbers.Faults).ShouldBeGreaterThan(FixedSeeds * 10);
        foreach (var kind in Enum.GetValues<Happening>())
        {
            var times = results.Sum(result => result.Counts.Of(kind));
            output.WriteLine($"{kind}: {times} times");
            times.ShouldBeGreaterThan(AtLeast.GetValueOrDefault(kind, FixedSeeds / 3), $"{kind}");
        }
    }

    [Fact]
    public void Fresh_seeds_hold_every_property()
    {
        var started = TimeProvider.System.GetTimestamp();
        var first = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var seed = first;
        for (; TimeProvider.System.GetElapsedTime(started) < FreshTime; seed++)
        {
            Passed(seed);
        }
        output.WriteLine($"seeds {first} to {seed - 1} hold every property");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_seed_is_the_same_run_each_time(ulong seed) => Passed(seed).Hash.ShouldBe(Passed(seed).Hash);

    [Fact]
    public void Two_seeds_are_two_runs() => Passed(1).Hash.ShouldNotBe(Passed(2).Hash);

    private static RunResult Passed(ulong seed)
    {
        var result = SimulationRun.Run(seed, FaultySeconds);
        if (result.Failure is not null)
        {
            Assert.Fail(result.Report);
        }
        return result;
    }
}

using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

public sealed class CrashTests
{
    private const int MostStates = 20_000;

    /// <summary>
    /// All orders of all deliveries, copies, crashes and take-overs that the budget allows. In each state
    /// that is reached: at most one promotion an epoch, none before the fence, no write of the former primary
    /// after it, no acknowledged write lost; and from each the recovery can be finished. It begins with the
    /// failure of a primary that had confirmed, or of one that was still to confirm.
    /// </summary>
    [Theory]
    [InlineData(2, 0, 0, 0, 3, true)]
    [InlineData(1, 1, 0, 0, 2, true)]
    [InlineData(1, 0, 1, 0, 2, true)]
    [InlineData(1, 0, 0, 1, 2, true)]
    [InlineData(0, 1, 1, 1, 1, true)]
    [InlineData(1, 1, 0, 0, 2, false)]
    [InlineData(1, 0, 0, 1, 2, false)]
    [InlineData(0, 1, 0, 2, 2, false)]
    public void Wherever_executors_die_a_recovery_fences_promotes_once_and_finishes(
        int crashes, int copies, int writes, int timeouts, int claims, bool isVerified)
    {
        var begin = CrashWorld.Begin(new(crashes, copies, writes, timeouts, claims), isVerified);
        var seen = new HashSet<string>(StringComparer.Ordinal) { begin.Key };
        var open = new Queue<CrashWorld>([begin]);
        var finished = 0;
        while (open.TryDequeue(out var world))
        {
            seen.Count.ShouldBeLessThan(MostStates);
            var following = world.Next().ToList();
            // Each state can be finished; every tenth and the last ones tell as much in less time.
            if (following.Count == 0 || seen.Count % 10 == 0)
            {
                AssertFinishes(world);
                finished++;
            }
            foreach (var next in following.Where(next => seen.Add(next.Key)))
            {
                open.Enqueue(next);
            }
        }
        seen.Count.ShouldBeGreaterThan(200);
        finished.ShouldBeGreaterThan(10);
    }

    private static void AssertFinishes(CrashWorld world)
    {
        var end = world.Finish();
        end.IsRecovering.ShouldBeFalse(world.Key);
        end.Completed.ShouldBeLessThanOrEqualTo(1, world.Key);
        if (end.Promoted.Count < 3)
        {
            end.Completed.ShouldBe(1, world.Key);
        }
        end.Group.Primary.ShouldNotBe("a", world.Key);
    }
}

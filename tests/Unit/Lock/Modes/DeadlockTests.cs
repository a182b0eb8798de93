using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>Who waits for each other in a circle is named.</summary>
public sealed class DeadlockTests
{
    private readonly LockScript _script = new();

    [Fact]
    public void Two_sessions_that_hold_what_the_other_wants_are_a_circle()
    {
        _script.Apply("open A; open B; open C");
        _script.Apply("acquire A x a1; acquire B y b1; acquire C z c1");
        _script.Apply("acquire A y a2 wait=9000; acquire C x c2 wait=9000");
        Circles().ShouldBeEmpty();
        _script.Apply("acquire B x b2 wait=9000");
        Circles().ShouldBe(["A/a2 y B/b1, B/b2 x A/a1"]);
        var found = Find();
        found.Waits.Count.ShouldBe(4); // B also waits for C, who is before it
        found.Waits.Single(wait => wait is { Waiter.AcquireId: "b2", IsHeld: false }).Blocker.AcquireId
            .ShouldBe("c2");
        found.HasMoreWaits.ShouldBeFalse();
        _script.Apply("cancel B b2");
        Circles().ShouldBeEmpty();
    }

    [Fact]
    public void Flows_of_one_session_wait_for_themselves_alone()
    {
        _script.Apply("open A; open B");
        _script.Apply("acquire A x a1 flow=A1; acquire B y b1 flow=B1");
        _script.Apply("acquire A y a2 flow=A2 wait=9000; acquire B x b2 flow=B2 wait=9000");
        Circles().ShouldBeEmpty();
        _script.Apply("acquire A x a3 flow=A1 wait=9000");
        Circles().ShouldBe(["A/a3 x A/a1"]);
    }

    [Fact]
    public void A_flow_that_waits_twice_for_what_another_holds_is_no_circle_until_it_holds_it_itself()
    {
        _script.Apply("open A; open B");
        _script.Apply("acquire B x b1");
        _script.Apply("acquire A x a1 flow=F wait=9000; acquire A x a2 flow=F wait=9000");
        Circles().ShouldBeEmpty();
        Find().Waits.Count.ShouldBe(3);
        _script.Apply("acquire A y a3 flow=F; acquire B y b2 wait=9000");
        Circles().ShouldBe(["A/a1 x B/b1, B/b2 y A/a3"]);
        _script.Apply("cancel B b2; release B x b1 1");
        Circles().ShouldBe(["A/a2 x A/a1"]);
    }

    /// <summary>Its first wait is over as soon as the holder leaves, whatever the second waits for.</summary>
    [Fact]
    public void Nor_is_another_that_waits_between_the_two()
    {
        _script.Apply("open A; open B; open C");
        _script.Apply("acquire C x c1; acquire A x a1 wait=9000; acquire B x b1 wait=9000");
        _script.Apply("acquire A x a2 wait=9000");
        Circles().ShouldBeEmpty();
        Find().Waits.Count.ShouldBe(5);
        _script.Apply("release C x c1 1");
        Circles().ShouldBe(["A/a2 x A/a1"]);
    }

    [Fact]
    public void A_queue_is_waited_through_and_shared_holders_do_not_block_each_other()
    {
        _script.Apply("open A; open B; open C");
        _script.Apply("acquire A x a1 mode=shared; acquire B y b1; acquire B x b2 mode=shared");
        _script.Apply("acquire C x c1 wait=9000; acquire B x b3 mode=shared wait=9000");
        _script.Apply("acquire A y a2 wait=9000");
        // A waits for B, C for A and B, and B for C alone.
        Circles().ShouldBe(["A/a2 y B/b1, B/b3 x C/c1, C/c1 x A/a1"]);
        Find().Waits.ShouldNotContain(wait => wait.Waiter.AcquireId == "b3" && wait.IsHeld);
    }

    [Fact]
    public void Upgrades_and_several_names_are_in_circles_and_a_semaphore_only_with_its_last_holder()
    {
        _script.Apply("open A; open B; open C; open D");
        _script.Apply("acquire A x a1 mode=upgradeable; acquire B x b1 mode=shared; acquire B y b2");
        _script.Apply("upgrade A x a1 1 a2 wait=9000; acquire B s,x b3 wait=9000");
        Circles().ShouldBe(["A/a2 x B/b1, B/b3 x A/a1"]);
        _script.Apply("cancel B b3");
        _script.Apply("acquire C t c1 mode=2/3; acquire D t d1 mode=1/3; acquire A t a3 mode=1/3 wait=9000");
        _script.Apply("acquire C x c2 wait=9000");
        Circles().ShouldBeEmpty();
        _script.Apply("cancel A a3; release D t d1 5");
        _script.Apply("acquire A t a4 mode=3/3 wait=9000");
        Circles().ShouldBe(["A/a4 t C/c1, C/c2 x A/a1"]);
    }

    /// <summary>It ends by itself, whatever the last holder does.</summary>
    [Fact]
    public void A_lock_delay_of_a_semaphore_is_no_wait_for_its_last_holder()
    {
        _script.Apply("open A; open B ttl=1000 delay=3000; open C");
        _script.Apply("acquire A s a1 mode=1/5; acquire B s b1 mode=1/5; acquire C x c1");
        _script.Apply("tick +1000");
        _script.Apply("acquire A x a2 wait=9000; acquire C s c2 mode=1/5 wait=9000");
        Circles().ShouldBeEmpty();
        _script.Apply("tick +1000");
        _script.Apply("tick +1000");
        _script.Apply("tick +1000").Select(EffectText.Of)
            .ShouldContain(effect => effect.Contains("granted s", StringComparison.Ordinal));
    }

    [Fact]
    public void Circles_over_several_groups_come_of_their_waits_put_together()
    {
        var other = new LockScript();
        _script.Apply("open 0:A; open 0:B");
        other.Apply("open 1:A; open 1:B");
        _script.Apply("acquire 0:A x a1 flow=A1; acquire 0:B x b1 flow=B1 wait=9000");
        other.Apply("acquire 1:B y b2 flow=B1; acquire 1:A y a2 flow=A1 wait=9000");
        Circles().ShouldBeEmpty();
        var waits = Find().Waits.Concat(
            other.Machine.FindDeadlocks(new()).DeadlocksFound!.Waits);
        TextOf(DeadlockSearch.Circles(waits, 10)).ShouldBe(["1:A/a2 y 1:B/b2, 0:B/b1 x 0:A/a1"]);
    }

    [Fact]
    public void Leaders_that_stand_for_each_other_s_elections_do_not_wait_for_each_other()
    {
        _script.Apply("open A; open B");
        _script.Apply("campaign A e a1; campaign B f b1");
        _script.Apply("campaign A f a2 wait=9000; campaign B e b2 wait=9000");
        Circles().ShouldBeEmpty();
        Find().Waits.Count.ShouldBe(2);
    }

    [Fact]
    public void Every_circle_of_a_crowd_is_found_up_to_the_limit()
    {
        for (var pair = 0; pair < 120; pair++)
        {
            var (a, b) = ($"a{pair:D3}", $"b{pair:D3}");
            _script.Apply($"open {a}; open {b}");
            _script.Apply($"acquire {a} x{pair} {a}1; acquire {b} y{pair} {b}1");
            _script.Apply($"acquire {a} y{pair} {a}2 wait=9000; acquire {b} x{pair} {b}2 wait=9000");
        }
        Circles().Count().ShouldBe(100);
        Circles().First().ShouldBe("a000/a0002 y0 b000/b0001, b000/b0002 x0 a000/a0001");
    }

    private DeadlocksFound Find() => _script.Machine.FindDeadlocks(new()).DeadlocksFound!;

    private IEnumerable<string> Circles() => TextOf(Find().Deadlocks);

    private static IEnumerable<string> TextOf(IEnumerable<Deadlock> circles) =>
        circles.Select(circle => string.Join(", ", circle.Waits.Select(wait =>
            $"{wait.Waiter.SessionId}/{wait.Waiter.AcquireId} {wait.Name} "
                + $"{wait.Blocker.SessionId}/{wait.Blocker.AcquireId}")));
}

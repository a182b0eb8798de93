using Muster.Broker;
using Muster.Cluster.Load;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Load;

/// <summary>The judge itself: it must find what it is there to find.</summary>
public sealed class VerdictTests
{
    [Fact]
    public void Holds_that_touch_or_are_of_different_locks_are_fine()
    {
        Hold[] holds = [Held("a", 1, 0, 10), Held("a", 2, 10, 20), Held("b", 3, 5, 15)];

        Verdict.NoTwoHolders(holds);
        Verdict.TokensGrow(holds);
    }

    [Fact]
    public void An_overlap_is_found_also_behind_a_shorter_hold_between()
    {
        Hold[] holds = [Held("a", 1, 0, 100), Held("a", 2, 100, 100), Held("a", 3, 99, 120)];

        Should.Throw<ShouldAssertException>(() => Verdict.NoTwoHolders(holds))
            .Message.ShouldContain("a had two holders");
    }

    [Fact]
    public void A_token_that_is_repeated_or_goes_back_is_found()
    {
        Should.Throw<ShouldAssertException>(
            () => Verdict.TokensGrow([Held("a", 2, 0, 1), Held("a", 2, 2, 3)]));
        Should.Throw<ShouldAssertException>(
            () => Verdict.TokensGrow([Held("a", 2, 0, 1), Held("a", 1, 2, 3)]));
    }

    [Fact]
    public void A_lost_and_a_doubled_write_are_found()
    {
        using var ledger = new GuardedLedger(Path.Combine(Scratch.NewFolder("verdict"), "ledger.db"));
        ledger.TryWrite("a", 1, new FencingToken(1), "w").ShouldBeTrue();
        AcknowledgedWrite first = new("a", 1, new FencingToken(1)), second = new("a", 2, new FencingToken(2));

        Verdict.LedgerHolds([first], ledger);
        Should.Throw<ShouldAssertException>(() => Verdict.LedgerHolds([first, second], ledger));
        ledger.TryWrite("a", 1, new FencingToken(1), "w").ShouldBeTrue();
        Should.Throw<ShouldAssertException>(() => Verdict.LedgerHolds([first], ledger));
    }

    private static Hold Held(string name, long token, long from, long until) =>
        new(name, new FencingToken(token), $"acquire-{from}", "w", from, until);
}

using System.Text;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class MachineTimeTests
{
    [Fact]
    public void Time_grows_with_log_time_by_two_seconds_at_most()
    {
        var clock = new MachineClock(time: 100, lastLogTime: 10_000);

        clock.Advance(10_300).ShouldBe(400);
        clock.Advance(10_300).ShouldBe(400);
        clock.Advance(12_300).ShouldBe(2_400);
        clock.Advance(14_301).ShouldBe(4_400);
        clock.Advance(long.MaxValue).ShouldBe(6_400);
        clock.LastLogTime.ShouldBe(long.MaxValue);
    }

    [Fact]
    public void An_older_log_time_changes_nothing()
    {
        var clock = new MachineClock(5, 1_000);
        clock.Advance(900).ShouldBe(5);
        clock.LastLogTime.ShouldBe(1_000);
    }

    [Fact]
    public void A_proposal_is_too_old_exactly_when_its_first_copy_may_be_forgotten()
    {
        const long window = 100;
        const long issuedAt = 40;
        var remembered = new CommandIdWindow<int>(window, 10);
        remembered.Record("a", issuedAt, 1);

        for (var now = issuedAt; now < issuedAt + 2 * window; now++)
        {
            remembered.Expire(now);
            var isForgotten = remembered.Find("a").Kind == CommandLookupKind.New;
            ProposalAge.IsTooOld(issuedAt, now, window).ShouldBe(isForgotten);
        }
    }

    [Theory]
    [InlineData("", 0xcbf29ce484222325)]
    [InlineData("a", 0xaf63dc4c8601ec8c)]
    [InlineData("foobar", 0x85944171f73967e8)]
    public void The_digest_is_fnv_1a_of_64_bits(string text, ulong digest) =>
        StateDigest.Of(Encoding.ASCII.GetBytes(text)).ShouldBe(digest);

    [Fact]
    public void A_digest_can_be_taken_in_parts() =>
        StateDigest.Continue(StateDigest.Of([1, 2]), [3]).ShouldBe(StateDigest.Of([1, 2, 3]));
}

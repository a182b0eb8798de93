using Microsoft.Extensions.Time.Testing;
using Muster.Contracts;
using Muster.Detector.Outcomes;
using Shouldly;
using Xunit;

namespace Muster.Detector.Tests;

public sealed class VerdictAgesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly VerdictAges _ages;

    public VerdictAgesTests() => _ages = new(_time);

    [Fact]
    public void A_verdict_is_as_old_as_when_it_was_first_applied()
    {
        _ages.Stands(Verdict(1));
        _time.Advance(TimeSpan.FromSeconds(30));
        _ages.Stands(Verdict(1));
        _ages.Stands(Verdict(2));
        _time.Advance(TimeSpan.FromMilliseconds(7));
        (_ages.Of(Verdict(1)), _ages.Of(Verdict(2))).ShouldBe((30_007, 7));
        _ages.Of(Verdict(3)).ShouldBeNull();
        _ages.Of(Verdict(1) with { Epoch = 9 }).ShouldBeNull();
    }

    [Fact]
    public void The_newest_ten_thousand_are_told_apart()
    {
        for (var number = 1; number <= 10_001; number++) _ages.Stands(Verdict(number));
        _ages.Of(Verdict(1)).ShouldBeNull();
        _ages.Of(Verdict(2)).ShouldBe(0);
    }

    private static EventId Verdict(long number) => new() { Group = "detector", Epoch = 7, Number = number };
}

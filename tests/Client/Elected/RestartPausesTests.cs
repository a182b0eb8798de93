using Shouldly;
using Xunit;

namespace Muster.Client.Tests.Elected;

/// <summary>How long a runner stays away after its service failed.</summary>
public sealed class RestartPausesTests
{
    private readonly RestartPauses _pauses = new(new() { MaxRestartDelay = TimeSpan.FromSeconds(5) });

    [Fact]
    public void They_double_up_to_the_longest_while_failures_are_in_a_row()
    {
        Enumerable.Range(0, 5).Select(_ => _pauses.AfterFailure(TimeSpan.FromSeconds(5)).TotalSeconds)
            .ShouldBe([1, 2, 4, 5, 5]);
    }

    [Fact]
    public void A_run_longer_than_the_longest_pause_or_a_success_begins_anew()
    {
        _pauses.AfterFailure(TimeSpan.Zero);
        _pauses.AfterFailure(TimeSpan.Zero);
        _pauses.AfterFailure(TimeSpan.FromSeconds(5.1)).TotalSeconds.ShouldBe(1);
        _pauses.AfterFailure(TimeSpan.Zero).TotalSeconds.ShouldBe(2);
        _pauses.AfterDone().TotalSeconds.ShouldBe(1);
        _pauses.AfterFailure(TimeSpan.Zero).TotalSeconds.ShouldBe(1);
    }

    [Fact]
    public void A_long_leadership_that_was_lost_ends_a_row_of_campaigns_that_failed()
    {
        _pauses.AfterFailure(TimeSpan.Zero);
        _pauses.AfterFailure(TimeSpan.Zero);
        _pauses.AfterTold(TimeSpan.FromSeconds(1));
        _pauses.AfterFailure(TimeSpan.Zero).TotalSeconds.ShouldBe(4);

        _pauses.AfterTold(TimeSpan.FromDays(30));

        _pauses.AfterFailure(TimeSpan.Zero).TotalSeconds.ShouldBe(1);
    }
}

using Shouldly;
using Xunit;

namespace Muster.Detector.Tests;

public sealed class OptionsTests
{
    private static DetectorOptions Good => new() { Instance = "d1", Instances = ["d1", "d2", "d3"] };

    [Fact]
    public void The_defaults_need_only_names() => DetectorOptions.Problems(Good).ShouldBeEmpty();

    [Fact]
    public void Each_wrong_value_is_named_with_what_it_is()
    {
        Problem(options => options.Instances = ["d2"]).ShouldContain("'d1'");
        Problem(options => options.Instances = ["d1", "d1"]).ShouldContain("d1, d1");
        Problem(options => options.Threshold = 0.5).ShouldContain("0.5");
        Problem(options => options.Threshold = double.NaN).ShouldContain("NaN");
        Problem(options => options.WindowSize = 5).ShouldContain("WindowSize is 5");
        Problem(options => options.MinimumDeviation = TimeSpan.Zero).ShouldContain("MinimumDeviation");
        Problem(options => options.HeartbeatInterval = TimeSpan.Zero).ShouldContain("HeartbeatInterval");
        Problem(options => options.MassSilenceFactor = 0).ShouldContain("MassSilenceFactor is 0");
        Problem(options => options.CommandTimeout = TimeSpan.Zero).ShouldContain("Detector:CommandTimeout");
    }

    [Fact]
    public void Values_that_contradict_each_other_are_named_both()
    {
        Problem(options => options.FailureThreshold = 7).ShouldSatisfyAllConditions(
            text => text.ShouldContain("FailureThreshold 7"), text => text.ShouldContain("Threshold 8"));
        Problem(options => options.FailAfter = TimeSpan.FromSeconds(2)).ShouldSatisfyAllConditions(
            text => text.ShouldContain("FailAfter 00:00:02"),
            text => text.ShouldContain("AcceptablePause 00:00:03"));
        Problem(options => options.ReconnectGrace = TimeSpan.FromSeconds(20)).ShouldSatisfyAllConditions(
            text => text.ShouldContain("ReconnectGrace 00:00:20"),
            text => text.ShouldContain("FailAfter 00:00:10"));
        Problem(options => options.HeartbeatInterval = TimeSpan.FromSeconds(4))
            .ShouldContain("HeartbeatInterval 00:00:04");
    }

    private static string Problem(Action<DetectorOptions> change)
    {
        var options = Good;
        change(options);
        var problems = string.Join('\n', DetectorOptions.Problems(options));
        problems.ShouldNotBeEmpty();
        return problems;
    }
}

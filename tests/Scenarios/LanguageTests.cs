using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Scenarios.Tests;

/// <summary>A scenario cannot pass by saying nothing: what is false or makes no sense, fails.</summary>
public sealed class LanguageTests
{
    private const string Beginning = "> cluster n1 n2 n3\n> elect n1\n";

    [Theory]
    [InlineData("expect leader n2", "leaders: expected 'n2', is 'n1'")]
    [InlineData("expect no leader", "leaders: expected '', is 'n1'")]
    [InlineData("expect commit n1 1", "commit n1: expected '1', is '0'")]
    [InlineData("expect log n1 1 1", "log n1: expected '1 1', is '1'")]
    [InlineData("expect disk n2 1", "disk n2: expected '1', is ''")]
    [InlineData("expect values n1 x", "values n1: expected 'x', is '-'")]
    [InlineData("expect vote n2 n3", "vote n2: expected 'n3', is 'n1'")]
    [InlineData("expect same log n1 n2", "end of n2's log")]
    [InlineData("propose n1 x\n> expect answer x committed", "x: expected 'committed', is 'none'")]
    [InlineData("expect answer x none", "nobody asked for 'x'")]
    [InlineData("expect nothing n1->n22", "no node 'n22'")]
    [InlineData("drop n1->n22*", "no node 'n22'")]
    [InlineData("deliver n2->n1*", "no such message")]
    [InlineData("cut n1 n2 | n33", "no node 'n33'")]
    [InlineData("expect nothing n1->n2", "n1->n2: expected ''")]
    [InlineData("expect next n1->n2 term 7", "expected 'term 7'")]
    [InlineData("expect stopped n1", "n1 has not stopped")]
    [InlineData("expect luck n1", "unknown expectation 'luck'")]
    [InlineData("elect", "unknown: 'elect'")]
    [InlineData("deliver n2->n1", "no such message")]
    [InlineData("deliver n1=>n2", "is not FROM->TO")]
    [InlineData("arrive late", "nothing is kept as 'late'")]
    [InlineData("crash n9", "no node 'n9'")]
    [InlineData("pass n1 soon", "'soon' is not a number")]
    [InlineData("start n1", "n1 is up")]
    [InlineData("cluster n1 luck=1", "unknown option 'luck=1'")]
    public void What_does_not_hold_or_is_not_understood_fails(string command, string why) =>
        Failure(Beginning + "> " + command).ShouldContain(why);

    [Fact]
    public void A_failure_names_its_line_and_shows_what_happened_before() =>
        Failure("# Prose.\n\n" + Beginning + "> expect leader n3\n")
            .ShouldBe("sample(5): leaders: expected 'n3', is 'n1'\n"
                + "# Prose.\n\n> cluster n1 n2 n3\n> elect n1\n  n1 leader term 1\n> expect leader n3");

    [Fact]
    public void A_node_that_stops_must_be_expected_to()
    {
        const string Denial = Beginning + "> settle\n> beat n1\n> forge snapshot n1 n2 2 1 2\n";

        Failure(Denial).ShouldContain("n2 stopped, which nobody expected");
        Failure(Denial + "> expect leader n1\n").ShouldContain("n2 stopped, which nobody expected");
        new ScenarioFile("sample", Denial + "> expect stopped n2\n").Run().ShouldContain("n2 stops:");
    }

    [Fact]
    public void A_property_that_does_not_hold_fails_without_any_expectation() =>
        Should.Throw<ScenarioFailure>(() => new ScenarioFile("sample", Beginning + "> settle\n")
            .Run(MutationList.All["log-time-goes-back"]())).Message.ShouldContain("log matching");

    [Fact]
    public void A_trace_is_what_happens_and_not_what_is_written()
    {
        const string Wrong = Beginning + "  n1 was king\n";

        new ScenarioFile("sample", Wrong).Run().ShouldBe(Beginning + "  n1 leader term 1\n");
    }

    [Fact]
    public void What_is_neither_prose_nor_command_nor_trace_fails() =>
        Should.Throw<ScenarioFailure>(() => new ScenarioFile("sample", "cluster n1\n"))
            .Message.ShouldBe("sample(1): neither prose, command nor trace: 'cluster n1'");

    [Fact]
    public void A_command_before_the_cluster_fails() =>
        Failure("> heal\n").ShouldContain("a scenario begins with 'cluster'");

    private static string Failure(string text) =>
        Should.Throw<ScenarioFailure>(() => new ScenarioFile("sample", text).Run()).Message;
}

using System.Globalization;
using Muster.Broker;
using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Scenarios.Tests;

/// <summary>
/// The tables of known bugs and of the paper's rules say where each is covered, and what they name exists.
/// </summary>
public sealed class TableTests
{
    private const int Bugs = 27;

    public static TheoryData<string> Tables => ["raft-bugs.txt", "raft-rules.txt"];

    [Fact]
    public void Every_bug_has_a_line() =>
        Read("raft-bugs.txt").Select(line => Number(line.What)).ShouldBe(Enumerable.Range(1, Bugs));

    /// <summary>A test of an example alone would not show that the simulator's checks see the bug.</summary>
    [Fact]
    public void Every_bug_has_a_scenario_or_a_mutation() =>
        Read("raft-bugs.txt")
            .Where(line => line.Covers.All(name => name.StartsWith("test ", StringComparison.Ordinal)))
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Tables))]
    public void What_a_table_names_exists(string table) =>
        Read(table).SelectMany(line => line.Covers).Where(name => !Exists(name)).ShouldBeEmpty();

    [Theory]
    [InlineData("scenario Log/no-such-file")]
    [InlineData("mutation no-such-mutation")]
    [InlineData("test LeaderTests.No_such_test")]
    [InlineData("rumour")]
    public void A_name_of_nothing_is_found(string name) => Exists(name).ShouldBeFalse();

    /// <summary>A scenario that says which bug it is about stands in that bug's line.</summary>
    [Fact]
    public void The_scenarios_of_a_bug_are_in_its_line()
    {
        var table = Read("raft-bugs.txt");
        foreach (var name in ScenarioFiles.Names)
        {
            var prose = ScenarioFiles.Read(name).Prose;
            if (prose.StartsWith("Bug ", StringComparison.Ordinal))
            {
                table[Number(prose["Bug ".Length..].Split(' ')[0]) - 1].Covers
                    .ShouldContain("scenario " + name);
            }
        }
    }

    private static List<(string What, string[] Covers)> Read(string table) =>
        [.. File.ReadAllLines(RepositoryRoot.Combine("tests", "Scenarios", table))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(" | "))
            .Select(parts => (parts[0], parts[^1].Split(", ")))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static bool Exists(string name) => name.Split(' ') switch
    {
        ["scenario", var scenario] => ScenarioFiles.Names.Contains(scenario),
        ["mutation", var mutation] => MutationList.Find(mutation) is not null,
        ["test", var test] => IsTest(test.Split('.')),
        _ => false,
    };

    private static bool IsTest(string[] test) =>
        Directory.EnumerateFiles(
                RepositoryRoot.Combine("tests"), test[0] + ".cs", SearchOption.AllDirectories)
            .Any(path => File.ReadAllText(path).Contains(" " + test[1] + "(", StringComparison.Ordinal));
}

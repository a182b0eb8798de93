using System.Reflection;
using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Scenarios.Tests;

/// <summary>
/// Scenarios see what they are there for: with a deliberate fault of the code an expectation, or a property
/// that holds in every scenario, fails; not only the recorded trace.
/// </summary>
public sealed class MutantTests
{
    [Theory]
    [InlineData("vote-not-stored", "Elections/a-vote-outlives-a-crash")]
    [InlineData("term-not-stored", "Disks/a-term-outlives-a-crash")]
    [InlineData("unsynced-append-acknowledged", "Elections/a-vote-leaves-after-it-is-stored")]
    [InlineData("unsynced-append-acknowledged", "Disks/an-append-is-stored-before-it-counts")]
    [InlineData("damage-forgotten", "Disks/who-lost-entries-does-not-vote")]
    [InlineData("shorter-log-elected", "Elections/a-shorter-log-gets-no-vote")]
    [InlineData("append-unchecked", "Log/the-entry-before-must-be-the-same")]
    [InlineData("append-unchecked", "Log/a-divergent-log-becomes-the-leaders")]
    [InlineData("deposed-leader-obeyed", "Log/a-deposed-leaders-request-is-refused")]
    [InlineData("heartbeat-verifies-all", "Commit/only-what-the-request-verified")]
    [InlineData("match-believed-too-far", "Log/an-answer-covers-its-request-only")]
    [InlineData("snapshot-says-too-much", "Snapshots/the-log-goes-on-after-a-snapshot")]
    [InlineData("snapshot-over-newer-log", "Snapshots/a-snapshot-keeps-what-follows-it")]
    [InlineData("log-time-goes-back", "Log/a-delayed-request-truncates-nothing")]
    [InlineData("stale-hint-obeyed", "Elections/hints-of-other-connections-are-ignored")]
    [InlineData("read-without-quorum", "Reads/a-deposed-leader-answers-no-read")]
    [InlineData("read-without-quorum", "Reads/no-clock-answers-a-read")]
    [InlineData("read-without-quorum", "Reads/a-new-leader-reads-after-its-first-commit")]
    [InlineData("old-term-committed", "Commit/only-an-entry-of-the-own-term")]
    [InlineData("prefix-truncates", "Log/a-delayed-request-truncates-nothing")]
    [InlineData("any-answer-confirms", "Reads/late-answers-confirm-no-read")]
    [InlineData("next-follows-any-answer", "Log/reordered-answers-move-nobody-back")]
    [InlineData("late-report-counted", "Log/a-late-report-of-a-write-counts-for-nothing")]
    [InlineData("heartbeats-while-writing", "Commit/a-hung-disk-ends-a-leadership")]
    [InlineData("shared-id-retires", "Reads/two-askers-may-share-an-id")]
    public void A_mutation_fails_its_scenario(string mutation, string scenario) =>
        Should.Throw<ScenarioFailure>(() => ScenarioFiles.Read(scenario).Run(MutationList.Find(mutation)!()));

    /// <summary>A mutation that random runs do not find is found here, or nowhere.</summary>
    [Fact]
    public void Every_mutation_of_scenarios_has_one()
    {
        var shown = typeof(MutantTests).GetMethod(nameof(A_mutation_fails_its_scenario))!
            .GetCustomAttributes<InlineDataAttribute>().Select(one => (string)one.Data[0]!);
        MutationList.OfScenarios.Keys.Except(shown).ShouldBeEmpty();
    }
}

using System.Text;
using Muster.Consensus.Core;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class DecisionTests
{
    /// <summary>What some node holds decided for a place in the log.</summary>
    private sealed record Decision(long Place, string Value);

    /// <summary>
    /// The tutorial's fault: the proposer waits for a majority of acknowledgements without its own among
    /// them.
    /// </summary>
    [Fact]
    public void A_proposer_and_one_other_of_three_decide()
    {
        TakesOneAcknowledgement(RealDecidesWith).ShouldBeTrue();

        TakesOneAcknowledgement(new TutorialProposer(nodes: 3).DecidesWith).ShouldBeFalse();
    }

    /// <summary>
    /// The tutorial's fault: acceptors acknowledge whatever comes, from leaders of any time.
    /// </summary>
    [Fact]
    public void Two_leaders_of_different_terms_do_not_decide_two_values_for_one_place()
    {
        var real = DecisionsOfTwoLeaders();
        IsOneValuePerPlace(real).ShouldBeTrue();
        real.Select(decision => decision.Value).ShouldContain("later");
        real.Select(decision => decision.Value).ShouldNotContain("earlier");

        Decision[] tutorial =
        [
            .. new TutorialProposer(nodes: 3).Decide(place: 2, "earlier", acknowledgements: 2),
            .. new TutorialProposer(nodes: 3).Decide(place: 2, "later", acknowledgements: 2),
        ];
        IsOneValuePerPlace(tutorial).ShouldBeFalse();
    }

    private static bool TakesOneAcknowledgement(Func<int, bool> decidesWith) =>
        !decidesWith(0) && decidesWith(1);

    private static bool IsOneValuePerPlace(IReadOnlyList<Decision> decisions) =>
        decisions.Count > 0 && decisions.GroupBy(decision => decision.Place)
            .All(place => place.Select(decision => decision.Value).Distinct().Count() == 1);

    private static bool RealDecidesWith(int acknowledgements)
    {
        var leader = new DrivenCore("a b c");
        leader.LeadAndCommit();
        var append = leader.Step(Say.Propose("x")).To<AppendEntries>("b");
        var output = acknowledgements == 0 ? leader.Step() : leader.Receive(Say.Accepts(append));
        return output.Answers<EntriesProposed>().Count == 1;
    }

    /// <summary>
    /// The first leader has its value in its log alone when it is stopped; the second decides another; then
    /// the first goes on.
    /// </summary>
    private static List<Decision> DecisionsOfTwoLeaders()
    {
        var cluster = new Cluster(seed: 7, size: 3, Faults.None);
        cluster.RunUntil(() => cluster.Leader?.Core.CommitIndex.Value > 0, 10_000).ShouldBeTrue();
        var first = cluster.Leader!;
        var others = cluster.Nodes.Where(node => node != first).ToList();
        others.ForEach(node => node.PausedUntil = cluster.Now + 50);
        first.Inbox.Add(Say.Propose("earlier", wantsAnswer: false));
        cluster.Run(20);
        first.Memory.Entries.Select(TextOf).ShouldContain("earlier");
        others.ForEach(node => node.Inbox.Clear());
        first.PausedUntil = cluster.Now + 4_000;

        cluster.RunUntil(() => cluster.Leader is { } leader && leader != first, 3_500).ShouldBeTrue();
        var second = cluster.Leader!;
        second.Core.Term.ShouldBeGreaterThan(first.Core.Term);
        second.Inbox.Add(Say.Propose("later", wantsAnswer: false));
        cluster.Run(10_000);

        return [.. cluster.Nodes.SelectMany(Decided)];
    }

    private static IEnumerable<Decision> Decided(SimulatedNode node) => node.Core
        .Read(node.Core.FirstIndex, int.MaxValue)
        .Select(entry => new Decision(entry.Index.Value, TextOf(entry)));

    private static string TextOf(LogEntry entry) => Encoding.ASCII.GetString(entry.Payload);

    private sealed class TutorialProposer(int nodes)
    {
        public bool DecidesWith(int acknowledgements) => acknowledgements > nodes / 2;

        public IEnumerable<Decision> Decide(long place, string value, int acknowledgements) =>
            DecidesWith(acknowledgements) ? [new Decision(place, value)] : [];
    }
}

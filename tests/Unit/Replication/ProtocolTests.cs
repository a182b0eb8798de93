using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Muster.Unit.Tests.Replication.Simulation;
using Shouldly;
using Xunit;
using static Muster.Unit.Tests.Replication.Simulation.CoreBench;

namespace Muster.Unit.Tests.Replication;

/// <summary>Nodes and replicas of builds that speak in different forms.</summary>
public sealed class ProtocolTests
{
    private const int Newer = ConsensusProtocol.Spoken + 1;

    /// <summary>All that a node says, as if it were of this form; each would change the replica.</summary>
    private static ReplicaInput[] OfForm(int protocol) =>
    [
        new EntriesCommittedReceived(new()
        {
            Group = Group,
            LogId = Log,
            Leader = new("n9"),
            Term = new(9),
            Entries = [Empty(2)],
            CommitIndex = new(9),
            Protocol = protocol,
        }),
        new LeaderElectedReceived(new()
        {
            Group = Group,
            LogId = Log,
            Leader = new("n9"),
            Term = new(9),
            Protocol = protocol,
        }),
        new GroupDescribed(Description("n9", 9, commit: 9) with { Protocol = protocol }),
        new EntriesReadReceived(new()
        {
            Group = Group,
            LogId = Log,
            Entries = [Empty(2)],
            CommitIndex = new(9),
            Protocol = protocol,
        }),
        new SnapshotReadReceived(new() { Group = Group, LogId = Log, Protocol = protocol }),
        new ReadIndexFoundReceived(new()
        {
            Group = Group,
            LogId = Log,
            Index = new(9),
            Protocol = protocol,
        }),
    ];

    [Theory]
    [InlineData(Newer)]
    [InlineData(-1)]
    public void What_a_node_of_another_protocol_says_changes_nothing_and_is_told(int protocol)
    {
        foreach (var input in OfForm(protocol))
        {
            var bench = Live();
            var before = bench.View;
            bench.Step(input);
            bench.View.ShouldBe(before with { ProtocolProblem = bench.View.ProtocolProblem }, $"{input}");
            bench.View.ProtocolProblem.ShouldContain(
                $"speaks protocol {protocol}, and this replica understands 1 to {ConsensusProtocol.Spoken}");
        }
    }

    [Theory]
    [InlineData(ConsensusProtocol.Spoken)]
    [InlineData(0)]
    public void What_it_understands_is_taken_also_where_no_form_is_named(int protocol)
    {
        var inputs = OfForm(protocol).Where(input => input is not SnapshotReadReceived).ToList();
        inputs.Count.ShouldBe(5);
        foreach (var input in inputs)
        {
            var bench = Live();
            var before = bench.View;
            bench.Step(input);
            bench.View.ShouldNotBe(before, $"{input}");
            bench.View.ProtocolProblem.ShouldBeEmpty();
        }
    }

    [Fact]
    public void Every_request_names_its_form()
    {
        var bench = Live(options => options with { SnapshotEveryEntries = 2 });
        bench.Submit("a").Of<ProposeEntries>().Single().Message.Protocol.ShouldBe(ConsensusProtocol.Spoken);
        bench.Step(new ReadRequested(1)).Of<ReadIndex>().Single()
            .Message.Protocol.ShouldBe(ConsensusProtocol.Spoken);
        bench.Commit(Empty(2)).Of<StoreSnapshot>().Single()
            .Message.Protocol.ShouldBe(ConsensusProtocol.Spoken);
        bench.Announce(9);
        bench.StepAt(50).Of<ReadEntries>().Single().Message.Protocol.ShouldBe(ConsensusProtocol.Spoken);

        var fresh = new CoreBench();
        fresh.Step().Of<DescribeGroup>().Single().Message.Protocol.ShouldBe(ConsensusProtocol.Spoken);
        fresh.Step(new GroupDescribed(Description("n1", 1, commit: 1))).Of<ReadSnapshot>().Single()
            .Message.Protocol.ShouldBe(ConsensusProtocol.Spoken);
    }

    [Fact]
    public void A_nodes_refusal_for_the_protocol_is_told_for_a_minute_and_loses_nothing()
    {
        var bench = Live();
        bench.Submit("a");
        bench.Step(new RefusedReceived(new()
        {
            Group = Group,
            LogId = Log,
            RequestId = bench.IdOf<ProposeEntries>(),
            Reason = ConsensusRefusal.OtherProtocol,
            Message = "The request is of protocol 1, and this node understands 2 to 3.",
        }));
        bench.Last.Unknown.ShouldBeEmpty();
        bench.View.InflightProposals.ShouldBe(1);
        bench.View.ProtocolProblem.ShouldContain("refuses what it is asked: The request is of protocol 1");

        // What it says in another form as well is no news.
        bench.Step(OfForm(Newer)[0]);
        bench.View.ProtocolProblem.ShouldContain("refuses what it is asked");

        bench.Now = 59_999;
        bench.Step(new LeaderElectedReceived(new() { Group = Group, LogId = Log, Leader = new("n1") }));
        bench.View.ProtocolProblem.ShouldNotBeEmpty("one node of three may be of another version");
        bench.Now = 60_000;
        bench.Step();
        bench.View.ProtocolProblem.ShouldBeEmpty();
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Locks;

public sealed class CrashIntakeTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(int Group, NodeCrash Crash)> _proposed = [];
    private readonly List<string> _settled = [];
    private readonly CrashIntake _intake;

    public CrashIntakeTests() => _intake = new(
        2,
        (group, command) =>
        {
            _proposed.Add((group, command.NodeCrash.ShouldNotBeNull()));
            return true;
        },
        _time, NullLogger.Instance);

    [Fact]
    public void A_verdict_is_proposed_to_every_group_and_acknowledged_when_all_have_applied_it()
    {
        Deliver("one", Failed(4));

        _proposed.Select(proposal => proposal.Group).ShouldBe([0, 1]);
        var crash = _proposed[0].Crash;
        (crash.Node, crash.Incarnation, crash.Epoch, crash.Number).ShouldBe(("n", "i", 7, 4));
        _intake.Taken(1, crash);
        _intake.Taken(1, crash);
        _settled.ShouldBeEmpty();
        _intake.Taken(0, crash with { });
        _settled.ShouldBe(["ack one"]);
        _intake.Taken(0, crash);
        _settled.ShouldBe(["ack one"]);
    }

    [Fact]
    public void A_copy_takes_the_place_of_the_first_and_waits_for_every_group_anew()
    {
        Deliver("one", Failed(4));
        _intake.Taken(0, _proposed[0].Crash);
        Deliver("two", Failed(4));
        _settled.ShouldBe(["ack one"]);
        _intake.Taken(1, _proposed[0].Crash);
        _settled.ShouldBe(["ack one"]);
        _intake.Taken(0, _proposed[0].Crash);
        _settled.ShouldBe(["ack one", "ack two"]);
    }

    public static TheoryData<NodeFailed> NoCrashes =>
    [
        Failed(1) with { Cause = FailureCause.Path },
        Failed(1) with { Cause = FailureCause.Slow },
        Failed(1) with { Cause = FailureCause.None },
        Failed(1) with { Node = "" },
        Failed(1) with { Incarnation = "" },
        Failed(1) with { Node = new('n', 257) },
        Failed(1) with { AgeMilliseconds = 5_001 },
        Failed(1) with { AgeMilliseconds = null },
    ];

    [Theory]
    [MemberData(nameof(NoCrashes))]
    public void What_is_no_evidence_of_a_crash_is_acknowledged_and_not_proposed(NodeFailed failed)
    {
        Deliver("one", failed);
        _proposed.ShouldBeEmpty();
        _settled.ShouldBe(["ack one"]);
    }

    [Fact]
    public void What_is_no_verdict_goes_to_the_error_queue()
    {
        _intake.Consume(Message("broken", typeof(NodeFailed), "["u8.ToArray()));
        _intake.Consume(Message("other", typeof(NodeLeft), BusJson.Write(new NodeLeft { Node = "n" })));
        _proposed.ShouldBeEmpty();
        _settled.ShouldBe(["reject broken", "reject other"]);
    }

    [Fact]
    public void What_a_group_has_not_applied_is_proposed_again_to_it_and_dropped_after_ten_seconds()
    {
        Deliver("one", Failed(4));
        _intake.Taken(0, _proposed[0].Crash);
        Pass(9);
        _proposed.Skip(2).Select(proposal => proposal.Group).ShouldBe(Enumerable.Repeat(1, 9));
        _settled.ShouldBeEmpty();

        Pass(1);
        _settled.ShouldBe(["ack one"]);
        Pass(3);
        _proposed.Count.ShouldBe(11);
    }

    [Fact]
    public void Its_queue_keeps_no_verdict_longer_than_that()
    {
        var queue = _intake.Queue(new BusNames(BusNames.DefaultCluster));
        (queue.Name, queue.MessageTtl).ShouldBe(("muster-lock-verdicts", TimeSpan.FromSeconds(10)));
        queue.Exchanges.ShouldBe(["Muster.Contracts.Detector:NodeFailed"]);
    }

    private static NodeFailed Failed(long number) => new()
    {
        Node = "n",
        Incarnation = "i",
        Cause = FailureCause.Dead,
        AgeMilliseconds = 5_000,
        Event = new() { Group = "detector", Epoch = 7, Number = number },
    };

    private void Pass(int seconds)
    {
        for (var passed = 0; passed < seconds; passed++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _intake.ProposeAgain();
        }
    }

    private void Deliver(string name, NodeFailed failed) =>
        _intake.Consume(Message(name, typeof(NodeFailed), BusJson.Write(failed)));

    private LinkMessage Message(string name, Type type, byte[] body) =>
        new(_ => _settled.Add("ack " + name), _ => _settled.Add("reject " + name))
        {
            Type = BusJson.TypeName(type),
            Body = body,
        };
}

using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Recovery.Consumers;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;
using EventId = Muster.Contracts.EventId;

namespace Muster.Recovery.Tests;

public sealed class VerdictIntakeTests
{
    private readonly List<RecoveryEntryCommand> _proposed = [];
    private readonly List<string> _settled = [];
    private readonly VerdictIntake _intake;

    public VerdictIntakeTests() => _intake = new(
        command =>
        {
            _proposed.Add(command);
            return true;
        },
        TimeProvider.System, NullLogger.Instance);

    [Fact]
    public void Each_copy_of_a_verdict_is_acknowledged_once_and_the_last_one_when_it_is_applied()
    {
        var verdict = Verdict(number: 1);
        Deliver("first", verdict);
        Deliver("second", verdict);
        _settled.ShouldBe(["ack first"]);
        Deliver("third", verdict);
        _settled.ShouldBe(["ack first", "ack second"]);

        _intake.Taken(verdict);
        _intake.Taken(verdict);

        _settled.ShouldBe(["ack first", "ack second", "ack third"]);
        _proposed.Count.ShouldBe(3);
    }

    [Fact]
    public void A_copy_that_comes_after_the_verdict_was_applied_is_proposed_and_acknowledged_too()
    {
        var verdict = Verdict(number: 1);
        Deliver("first", verdict);
        _intake.Taken(verdict);

        Deliver("second", verdict);
        _settled.ShouldBe(["ack first"]);
        _intake.Taken(verdict);

        _settled.ShouldBe(["ack first", "ack second"]);
    }

    [Fact]
    public void A_verdict_of_an_epoch_that_has_not_come_yet_goes_to_the_error_queue()
    {
        var now = TimeProvider.System.GetUtcNow();
        Deliver("far", Verdict(now.AddDays(2).ToUnixTimeMilliseconds(), number: 1));
        Deliver("near", Verdict(now.AddHours(1).ToUnixTimeMilliseconds(), number: 1));

        _settled.ShouldBe(["reject far"]);
        _proposed.ShouldHaveSingleItem();
    }

    private static EventId Verdict(long epoch = 1, long number = 1) =>
        new() { Group = "detector", Epoch = epoch, Number = number };

    private void Deliver(string name, EventId verdict) => _intake.Consume(
        new LinkMessage(_ => _settled.Add("ack " + name), _ => _settled.Add("reject " + name))
        {
            Type = BusJson.TypeName(typeof(NodeFailed)),
            Body = BusJson.Write(new NodeFailed { Node = "n1", Incarnation = "i1", Event = verdict }),
        });
}

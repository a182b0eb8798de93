using CsCheck;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class SequenceWindowTests
{
    [Fact]
    public void Numbers_may_come_in_any_order_within_the_window()
    {
        var window = new SequenceWindow<string>(capacity: 4);
        window.Record(3, "c");
        window.Record(1, "a");

        window.Find(1).ShouldBe(new(CommandLookupKind.Duplicate, "a"));
        window.Find(2).ShouldBe(new(CommandLookupKind.New));
        window.Find(3).ShouldBe(new(CommandLookupKind.Duplicate, "c"));
        window.Find(4).ShouldBe(new(CommandLookupKind.Full));
        window.Items.Select(item => item.Key).ShouldBe([1, 3]);
    }

    [Fact]
    public void What_the_client_has_is_forgotten_and_never_new_again()
    {
        var window = new SequenceWindow<string>(capacity: 4);
        window.Record(1, "a");
        window.Record(2, "b");
        window.RaiseAnsweredBelow(2);

        window.Find(1).ShouldBe(new(CommandLookupKind.AlreadyAnswered));
        window.Find(2).ShouldBe(new(CommandLookupKind.Duplicate, "b"));
        window.Find(5).ShouldBe(new(CommandLookupKind.New));
        window.Count.ShouldBe(1);
    }

    [Fact]
    public void Answered_below_only_grows()
    {
        var window = new SequenceWindow<string>();
        window.RaiseAnsweredBelow(9);
        window.RaiseAnsweredBelow(4);
        window.AnsweredBelow.ShouldBe(9);
        window.Capacity.ShouldBe(4_096);
    }

    [Fact]
    public void A_queued_command_becomes_granted()
    {
        var window = new SequenceWindow<string>();
        window.Record(1, "queued");
        window.Replace(1, "granted").ShouldBeTrue();
        window.Replace(2, "granted").ShouldBeFalse();
        window.Find(1).Result.ShouldBe("granted");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(8)]
    public void Only_a_new_number_is_recorded(long sequence)
    {
        var window = new SequenceWindow<string>(answeredBelow: 1, [new(1, "a")], capacity: 4);
        Should.Throw<InvalidOperationException>(() => window.Record(sequence, "b"));
    }

    [Fact]
    public void Each_number_is_applied_once_and_a_restored_window_agrees() =>
        Gen.Select(Gen.Long[1, 40], Gen.Long[0, 40]).List[0, 100].Sample(steps =>
        {
            var window = new SequenceWindow<long>(capacity: 8);
            var applied = new List<long>();
            foreach (var (sequence, answeredBelow) in steps)
            {
                window.RaiseAnsweredBelow(Math.Min(answeredBelow, applied.Count));
                if (window.Find(sequence).Kind == CommandLookupKind.New)
                {
                    applied.Add(sequence);
                    window.Record(sequence, sequence * 10);
                }
                window.Count.ShouldBeLessThanOrEqualTo(8);
            }
            applied.ShouldBeUnique();
            var restored = new SequenceWindow<long>(window.AnsweredBelow, window.Items.ToList(), 8);
            for (var sequence = 0; sequence < 50; sequence++)
            {
                restored.Find(sequence).ShouldBe(window.Find(sequence));
            }
        });
}

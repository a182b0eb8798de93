using CsCheck;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class CommandIdWindowTests
{
    [Fact]
    public void A_recorded_command_is_a_duplicate_until_the_window_has_passed()
    {
        var window = new CommandIdWindow<int>(windowMilliseconds: 100, capacity: 10);
        window.Find("a").ShouldBe(new(CommandLookupKind.New));
        window.Record("a", 50, 7);
        window.NextExpiry.ShouldBe(150);

        window.Expire(149).ShouldBe(0);
        window.Find("a").ShouldBe(new(CommandLookupKind.Duplicate, 7));
        window.Expire(150).ShouldBe(1);
        window.Find("a").ShouldBe(new(CommandLookupKind.New));
        window.NextExpiry.ShouldBeNull();
    }

    [Fact]
    public void A_full_window_refuses_new_commands_and_still_knows_the_old_ones()
    {
        var window = new CommandIdWindow<int>(windowMilliseconds: 100, capacity: 2);
        window.Record("a", 0, 1);
        window.Record("b", 1, 2);

        window.Find("c").Kind.ShouldBe(CommandLookupKind.Full);
        window.Find("a").ShouldBe(new(CommandLookupKind.Duplicate, 1));
        Should.Throw<InvalidOperationException>(() => window.Record("c", 2, 3));
        window.Expire(100);
        window.Find("c").Kind.ShouldBe(CommandLookupKind.New);
        window.Count.ShouldBe(1);
    }

    [Fact]
    public void A_result_can_be_replaced_without_growing_younger()
    {
        var window = new CommandIdWindow<string>(windowMilliseconds: 100, capacity: 2);
        window.Record("a", 0, "queued");

        window.Replace("a", "granted").ShouldBeTrue();
        window.Replace("b", "granted").ShouldBeFalse();
        window.TryGetResult("a", out var result).ShouldBeTrue();
        result.ShouldBe("granted");
        window.Expire(100).ShouldBe(1);
    }

    [Fact]
    public void Time_that_goes_back_is_a_machines_fault()
    {
        var window = new CommandIdWindow<int>();
        window.Record("a", 10, 1);
        Should.Throw<InvalidOperationException>(() => window.Record("b", 9, 1));
    }

    [Fact]
    public void A_restored_window_goes_on_like_the_original() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 20]).List[0, 60].Sample(steps =>
        {
            var original = new CommandIdWindow<long>(windowMilliseconds: 50, capacity: 8);
            var time = Play(original, steps.Take(steps.Count / 2), 0);
            var restored = new CommandIdWindow<long>(original.Items.ToList(), 50, 8);

            Play(original, steps.Skip(steps.Count / 2), time);
            Play(restored, steps.Skip(steps.Count / 2), time);
            restored.Items.ShouldBe(original.Items);
        });

    private static long Play(CommandIdWindow<long> window, IEnumerable<(int Id, int Wait)> steps, long time)
    {
        foreach (var (id, wait) in steps)
        {
            time += wait;
            window.Expire(time);
            if (window.Find($"{id}").Kind == CommandLookupKind.New)
            {
                window.Record($"{id}", time, time);
            }
        }
        return time;
    }
}

using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>
/// Room for the ids of commands without a sequence comes back, also where nothing else happens.
/// </summary>
public sealed class CommandRoomTests
{
    [Fact]
    public void A_full_window_of_ids_ages_by_ticks_when_no_session_is_open()
    {
        var script = new LockScript(new() { MaxKeptCommandIds = 20 }, window: 60_000);
        script.Apply("open A");
        for (var number = 0; number < 16; number++)
        {
            script.Apply($"acquire A x a{number}; cancel A a{number} id=c{number} seq={number + 1}");
        }
        script.Apply("close A");
        script.Machine.NextDeadline.ShouldNotBeNull("18 of 20 are taken, and more acquires are refused");

        script.Machine.Restore(script.Machine.TakeSnapshot());
        var ticks = 0;
        for (; script.Machine.NextDeadline is not null && ticks < 1_000; ticks++)
        {
            script.Apply("tick +1000");
        }
        ticks.ShouldBe(60, "the command window is a minute");
        script.Apply("open B; acquire B x b1").OfType<LockEffect.Answer>().Last().Reply
            .LockGranted.ShouldNotBeNull();
    }

    [Fact]
    public void Ids_that_leave_room_for_more_are_no_reason_for_ticks()
    {
        var script = new LockScript(new() { MaxKeptCommandIds = 20 });
        script.Apply("open A; acquire A x a1; close A");
        script.Machine.NextDeadline.ShouldBeNull();
    }
}

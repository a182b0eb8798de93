using Muster.Contracts.Recovery;

namespace Muster.Client.Tests;

public class StandbyFailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>It has taken over and confirmed, on another thread, which may still be sending.</summary>
    private static async Task<IStandby> Join(ClientUnderTest test)
    {
        var standby = await test.Standbys.JoinAsync(
            new StandbyOptions { Group = "g", Member = "me" }, Cancellation).Soon();
        await Waiting.UntilAsync(() => test.Recovery.Confirmations.Any());
        return standby;
    }

    [Fact]
    public async Task A_group_that_has_no_primary_any_more_deposes_it_and_hears_of_the_member_again()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        var deposed = standby.Deposed;
        (standby.Role, standby.GroupEpoch).ShouldBe((StandbyRole.Primary, 1));
        var reports = test.Recovery.Registers.Count();

        test.Recovery.Fail();
        standby.Role.ShouldBe(StandbyRole.Standby);
        deposed.IsCancellationRequested.ShouldBeTrue();
        await test.PassUntilAsync(() => standby.GroupEpoch == 2);

        test.Recovery.Registers.Count().ShouldBe(reports + 1);
        standby.Role.ShouldBe(StandbyRole.Primary);
        standby.Deposed.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_confirmation_that_comes_too_late_ends_the_term()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.Override = command => command.ConfirmPromotion is { } confirm
            ? RecoveryDouble.Refused(confirm.CommandId, RecoveryRefusal.NotPrimary)
            : null;

        await using var standby = await Join(test);

        await Waiting.UntilAsync(() => standby.Role == StandbyRole.Standby);
        standby.Deposed.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task An_update_by_another_primary_than_the_known_one_is_asked_about()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        test.Recovery.DeliverHead(); // from here on events are followed
        test.Pass(1);
        var deposed = standby.Deposed;
        test.Recovery.DeliversEvents = false;
        test.Recovery.Promote("other"); // missed
        test.Recovery.DeliversEvents = true;

        test.Recovery.Write(1);
        await test.PassUntilAsync(() => standby.GroupEpoch == 2);

        standby.Role.ShouldBe(StandbyRole.Standby);
        deposed.IsCancellationRequested.ShouldBeTrue();
    }

    /// <summary>Commands that came at once are one entry, and their answers stand at one place.</summary>
    [Fact]
    public async Task A_write_in_the_entry_of_another_command_is_known_by_its_version()
    {
        await using var test = new ClientUnderTest();
        await using var standby = await Join(test);
        test.Recovery.DeliversEvents = false;
        var recovered = await standby.RecoverStateAsync(Cancellation).Soon();
        test.Recovery.Override = command => command.UpdateState is { } update
            ? new RecoveryReply
            {
                StateWritten = new StateWritten
                {
                    CommandId = update.CommandId,
                    Group = "g",
                    StateVersion = 1,
                    Freshness = test.Recovery.Freshness(),
                },
            }
            : null;

        (await standby.UpdateStateAsync([1], Cancellation).Soon()).ShouldBe(1);

        (recovered.Version, standby.StateVersion).ShouldBe((0, 1));
    }

    [Fact]
    public async Task Whoever_watches_a_member_that_was_taken_out_is_told_so()
    {
        await using var test = new ClientUnderTest();
        var standby = await Join(test);
        await standby.DisposeAsync().Soon();

        await using var watch = standby.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        (await watch.MoveNextAsync().AsTask().Soon()).ShouldBeTrue();

        await Should.ThrowAsync<ObjectDisposedException>(() => watch.MoveNextAsync().AsTask().Soon());
    }
}

using Muster.Contracts.Lock;
using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

/// <summary>What became of a command that nobody answered.</summary>
public class OutcomeTests
{
    private static readonly ServiceRegistration Instance =
        new() { Service = "s", InstanceId = "i", Host = "h" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<MusterUnknownException> UnknownAsync(ClientUnderTest test, Task call)
    {
        // All that waits for it is set when the call returns. Not a moment more, however long its end takes
        // to get here: what is asked then has its own time.
        test.Pass(new MusterOptions().CallTimeout.TotalSeconds + 0.1);
        return await Should.ThrowAsync<MusterUnknownException>(() => call.Soon());
    }

    /// <summary>The registry hears nothing of it, and is deaf still.</summary>
    private static Task<MusterUnknownException> LostWriteAsync(ClientUnderTest test)
    {
        test.Registry.IsDeaf = true;
        return UnknownAsync(test, test.Config.PutAsync("k", "v", 0, Cancellation));
    }

    internal static async Task<ResolvedOutcome> ResolvedAsync(
        ClientUnderTest test, Task<ResolvedOutcome> asked)
    {
        await test.PassUntilAsync(() => asked.IsCompleted);
        return await asked.Soon();
    }

    [Fact]
    public async Task A_command_that_was_lost_is_done_now_under_its_id()
    {
        await using var test = new ClientUnderTest();
        var unknown = await LostWriteAsync(test);
        test.Registry.IsDeaf = false;
        (await test.Config.GetAsync("k", Cancellation).Soon()).ShouldBeNull();

        var outcome = await unknown.ResolveAsync(Cancellation).Soon();

        outcome.Kind.ShouldBe(OutcomeKind.Done);
        outcome.ResultAs<long>().ShouldBe((await test.Config.GetAsync("k", Cancellation).Soon())!.Version);
        Should.Throw<InvalidOperationException>(() => outcome.ResultAs<string>());
        test.Registry.Received.Select(command => command.PutConfig?.CommandId).OfType<string>().Distinct()
            .ShouldBe([unknown.CommandId]);
    }

    [Fact]
    public async Task A_command_whose_answer_was_lost_is_not_done_again()
    {
        await using var test = new ClientUnderTest();
        test.Registry.LosesAnswers = true;
        var unknown = await UnknownAsync(test, test.Config.PutAsync("k", "v", null, Cancellation));
        test.Registry.LosesAnswers = false;
        var written = (await test.Config.GetAsync("k", Cancellation).Soon())!.Version;

        var first = await unknown.ResolveAsync(Cancellation).Soon();
        var second = await unknown.ResolveAsync(Cancellation).Soon();

        (first.Kind, first.ResultAs<long>()).ShouldBe((OutcomeKind.Done, written));
        second.ShouldBeSameAs(first);
        (await test.Config.GetAsync("k", Cancellation).Soon())!.Version.ShouldBe(written);
    }

    [Fact]
    public async Task A_refusal_is_the_exception_that_its_call_would_have_thrown()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("k", "another's");
        var unknown = await LostWriteAsync(test);
        test.Registry.IsDeaf = false;

        var outcome = await unknown.ResolveAsync(Cancellation).Soon();

        outcome.Kind.ShouldBe(OutcomeKind.Refused);
        var conflict = outcome.Refusal.ShouldBeOfType<ConfigConflictException>();
        (conflict.Reason, conflict.Current!.Value).ShouldBe((RegistryRefusal.VersionMismatch, "another's"));
    }

    [Fact]
    public async Task It_asks_until_the_service_is_back()
    {
        await using var test = new ClientUnderTest();
        var unknown = await LostWriteAsync(test);
        var asked = unknown.ResolveAsync(Cancellation);
        test.Pass(200);
        test.Link.GoDown();
        test.Pass(100);
        asked.IsCompleted.ShouldBeFalse();
        test.Registry.IsDeaf = false;
        test.Link.GoUp();

        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.Done);
    }

    [Fact]
    public async Task Once_the_service_may_have_forgotten_it_nothing_is_sent_and_nobody_will_ever_say()
    {
        await using var test = new ClientUnderTest();
        var unknown = await LostWriteAsync(test);
        var asked = unknown.ResolveAsync(Cancellation);
        test.Pass(465); // 8 min after the first sending in all, less 5 s
        asked.IsCompleted.ShouldBeFalse();
        test.Pass(6);
        (await asked.Soon()).Kind.ShouldBe(OutcomeKind.Forgotten);
        test.Registry.IsDeaf = false;
        var sent = test.Registry.Received.Count;

        (await unknown.ResolveAsync(Cancellation).Soon()).Kind.ShouldBe(OutcomeKind.Forgotten);

        test.Pass(5);
        test.Registry.Received.Count.ShouldBe(sent);
    }

    /// <summary>The monotonic clock stood still; the service's went on.</summary>
    [Fact]
    public async Task A_machine_that_was_suspended_meanwhile_sends_nothing_that_may_be_forgotten()
    {
        await using var test = new ClientUnderTest();
        var unknown = await LostWriteAsync(test);
        var asked = unknown.ResolveAsync(Cancellation);
        test.Pass(5);
        var sent = test.Registry.Received.Count;
        test.Time.MoveWallClock(TimeSpan.FromMinutes(9));
        test.Registry.IsDeaf = false;

        test.Link.GoDown();
        test.Link.GoUp();
        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.Forgotten);

        test.Registry.Received.Count.ShouldBe(sent);
    }

    [Fact]
    public async Task What_was_never_sent_is_not_done_and_stays_so()
    {
        await using var test = new ClientUnderTest(startUp: false);
        var unknown = await UnknownAsync(test, test.Config.PutAsync("k", "v", null, Cancellation));

        var outcome = await unknown.ResolveAsync(Cancellation).Soon();

        outcome.Kind.ShouldBe(OutcomeKind.NotDone);
        outcome.Message.ShouldContain("never sent");
    }

    [Fact]
    public async Task A_query_changes_nothing()
    {
        await using var test = new ClientUnderTest();
        test.Registry.IsDeaf = true;
        var unknown = await UnknownAsync(test, test.Config.GetAsync("k", Cancellation));
        var sent = test.Registry.Received.Count;

        (await unknown.ResolveAsync(Cancellation).Soon()).Kind.ShouldBe(OutcomeKind.NotDone);

        test.Registry.Received.Count.ShouldBe(sent);
    }

    [Fact]
    public async Task Several_who_ask_at_a_time_share_one_asking_which_ends_with_the_last_of_them()
    {
        await using var test = new ClientUnderTest();
        var unknown = await LostWriteAsync(test);
        using var one = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        var before = test.Registry.Received.Count;
        var first = unknown.ResolveAsync(one.Token);
        var second = unknown.ResolveAsync(other.Token);
        test.Pass(1.5);
        test.Registry.Received.Count.ShouldBe(before + 2, "at once, and after a second");

        await one.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first.Soon());
        test.Pass(1);
        test.Registry.Received.Count.ShouldBe(before + 3, "the other one still asks");
        await other.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second.Soon());
        test.Pass(5);
        test.Registry.Received.Count.ShouldBe(before + 3, "nobody asks");

        test.Registry.IsDeaf = false;
        (await ResolvedAsync(test, unknown.ResolveAsync(Cancellation))).Kind.ShouldBe(OutcomeKind.Done);
        await Should.ThrowAsync<OperationCanceledException>(
            () => unknown.ResolveAsync(one.Token).Soon(), "cancelled before it began");
    }

    [Fact]
    public async Task The_clients_end_ends_the_asking()
    {
        var test = new ClientUnderTest();
        var unknown = await LostWriteAsync(test);
        var asked = unknown.ResolveAsync(Cancellation);

        await test.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => asked.Soon());
        await Should.ThrowAsync<ObjectDisposedException>(() => unknown.ResolveAsync(Cancellation).Soon());
    }

    [Fact]
    public async Task An_acquire_is_taken_back_which_is_certain_once_the_service_says_so()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        (test.Service.IsMute, test.Service.LosesHeartbeats) = (true, true);
        var unknown = await UnknownAsync(test, test.Acquire("a"));
        var asked = unknown.ResolveAsync(Cancellation);
        test.Pass(2);
        asked.IsCompleted.ShouldBeFalse();
        (test.Service.IsMute, test.Service.LosesHeartbeats) = (false, false);

        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.NotDone);

        test.Service.Table.HolderOf("a").ShouldBeNull();
        await using var again = await test.Acquire("a").Soon();
    }

    [Fact]
    public async Task A_grant_that_comes_too_late_is_given_back_before_the_acquire_counts_as_not_done()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        (test.Service.IsSlow, test.Service.LosesHeartbeats) = (true, true);
        var unknown = await UnknownAsync(test, test.Acquire("a"));
        var asked = unknown.ResolveAsync(Cancellation);
        asked.IsCompleted.ShouldBeFalse("the cancel's answer is not here");
        (test.Service.IsSlow, test.Service.LosesHeartbeats) = (false, false);

        test.Service.DeliverKept();
        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.NotDone);

        test.Service.Table.HolderOf("a").ShouldBeNull();
    }

    [Fact]
    public async Task With_its_session_an_acquire_has_ended()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        (test.Service.IsDeaf, test.Service.LosesHeartbeats) = (true, true);
        var unknown = await UnknownAsync(test, test.Acquire("a"));
        var asked = unknown.ResolveAsync(Cancellation);
        asked.IsCompleted.ShouldBeFalse();

        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.NotDone);
    }

    [Fact]
    public async Task A_registration_is_taken_back()
    {
        await using var test = new ClientUnderTest();
        test.Registry.LosesAnswers = true;
        var unknown = await UnknownAsync(test, test.Services.RegisterAsync(Instance, Cancellation));
        var asked = unknown.ResolveAsync(Cancellation);
        asked.IsCompleted.ShouldBeFalse();
        test.Registry.LosesAnswers = false;

        (await ResolvedAsync(test, asked)).Kind.ShouldBe(OutcomeKind.NotDone);

        (await test.ResolveAsync("s", new() { Mode = Contracts.ReadMode.Linearizable }))
            .Instances.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_of_an_instance_is_made_again_unless_a_later_one_was_asked_for()
    {
        await using var test = new ClientUnderTest();
        var instance = await test.Services.RegisterAsync(Instance, Cancellation).Soon();
        test.Registry.IsDeaf = true;
        var early = await UnknownAsync(
            test, instance.UpdateAsync(Instance with { Host = "early" }, Cancellation));
        var late = await UnknownAsync(
            test, instance.UpdateAsync(Instance with { Host = "late" }, Cancellation));
        test.Registry.IsDeaf = false;

        (await ResolvedAsync(test, early.ResolveAsync(Cancellation))).Kind.ShouldBe(OutcomeKind.Forgotten);
        (await ResolvedAsync(test, late.ResolveAsync(Cancellation))).Kind.ShouldBe(OutcomeKind.Done);

        (await test.ResolveAsync("s", new() { Mode = Contracts.ReadMode.Linearizable }))
            .Instances.ShouldHaveSingleItem().Host.ShouldBe("late");
    }

    [Fact]
    public async Task A_break_tells_its_answer_late()
    {
        await using var test = new ClientUnderTest();
        test.Service.IsDeaf = true;
        var unknown = await UnknownAsync(test, test.Locks.BreakAsync("a", "", Cancellation).AsTask());
        test.Service.IsDeaf = false;

        var outcome = await ResolvedAsync(test, unknown.ResolveAsync(Cancellation));

        outcome.ResultAs<LockBroken>().Name.ShouldBe("a");
    }

    [Fact]
    public async Task A_joining_is_taken_back()
    {
        await using var test = new ClientUnderTest();
        test.Recovery.IsDeaf = true;
        var unknown = await UnknownAsync(
            test, test.Standbys.JoinAsync(new StandbyOptions { Group = "g" }, Cancellation));
        test.Recovery.IsDeaf = false;

        (await ResolvedAsync(test, unknown.ResolveAsync(Cancellation))).Kind.ShouldBe(OutcomeKind.NotDone);
    }
}

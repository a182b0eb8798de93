using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Contracts.Registry;

namespace Muster.Client.Tests;

public class CoalescingTests
{
    [Fact]
    public async Task What_gathers_behind_lost_commands_goes_after_a_while()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsDeaf = true;
        var lost = Enumerable.Range(0, 8).Select(i => test.Acquire($"n{i}")).ToList();
        test.Service.IsDeaf = false;
        var call = test.Acquire("a");
        test.Service.Acquires.ShouldNotContain(acquire => acquire.Name == "a");

        test.Pass(0.1);

        (await call.Soon()).IsLost.ShouldBeFalse();
        test.Pass(5);
        await Task.WhenAll(lost).Soon();
    }

    [Fact]
    public async Task One_call_on_an_idle_link_is_one_message_at_once()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        var before = test.Batches.Count;

        var acquire = test.Acquire("a");

        test.Batches.Count.ShouldBe(before + 1);
        test.Batches[^1].Commands.Single().AcquireLock!.Name.ShouldBe("a");
        (await acquire.Soon()).Name.ShouldBe("a");
    }

    [Fact]
    public async Task A_hundred_calls_at_a_time_are_five_messages()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        var before = test.Batches.Count;
        test.Service.IsSlow = true;

        var acquires = Enumerable.Range(0, 100).Select(i => test.Acquire($"n{i}")).ToArray();
        var unanswered = test.Batches.Skip(before).Select(batch => batch.Commands.Count).ToArray();
        test.Service.IsSlow = false;
        test.Service.DeliverKept();

        unanswered.ShouldBe([1, 1, 2, 4], "each waits until it is as much as is unanswered");
        test.Batches.Skip(before).Select(batch => batch.Commands.Count).ShouldBe([1, 1, 2, 4, 92]);
        var handles = await Task.WhenAll(acquires).Soon();
        handles.Select(handle => handle.Name).ShouldBe(Enumerable.Range(0, 100).Select(i => $"n{i}"));
    }

    [Fact]
    public async Task Gathered_calls_wait_50_ms_for_an_answer_and_no_longer()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsSlow = true;
        var acquires = Enumerable.Range(0, 12).Select(i => test.Acquire($"n{i}")).ToArray();
        var before = test.Batches.Count;

        test.Pass(0.04);
        var early = test.Batches.Count;
        test.Pass(0.01);

        early.ShouldBe(before);
        test.Batches.Count.ShouldBe(before + 1);
        test.Batches[^1].Commands.Count.ShouldBe(4);
        test.Service.DeliverKept();
        await Task.WhenAll(acquires).Soon();
    }

    [Fact]
    public async Task A_batch_holds_256_commands_at_most()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.IsSlow = true;
        var acquires = Enumerable.Range(0, 608).Select(i => test.Acquire($"n{i}")).ToArray();
        var before = test.Batches.Count;

        test.Service.IsSlow = false;
        test.Service.DeliverKept();

        test.Batches.Skip(before).Select(batch => batch.Commands.Count).ShouldBe([256, 256, 88]);
        await Task.WhenAll(acquires).Soon();
    }

    [Fact]
    public async Task Sequence_numbers_run_from_1_and_answered_below_follows()
    {
        await using var test = new ClientUnderTest();
        await using (await test.Acquire("a").Soon())
        {
            await using var second = await test.Acquire("b").Soon();
        }
        var acquires = test.Service.Acquires.Select(acquire => (acquire.Sequence, acquire.AnsweredBelow));
        var releases = test.Service.Releases.Select(release => (release.Sequence, release.AnsweredBelow));

        acquires.ShouldBe([(1L, 1L), (2L, 2L)]);
        releases.ShouldBe([(3L, 3L), (4L, 4L)]);
    }

    [Fact]
    public async Task Answered_below_stays_at_the_lowest_unanswered_command()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync(); // sequences 1 and 2
        test.Service.IsDeaf = true;
        var lost = test.Acquire("lost");
        test.Service.IsDeaf = false;

        await (await test.Acquire("b").Soon()).DisposeAsync();
        test.Service.Releases.Last().AnsweredBelow.ShouldBe(3);
        test.Pass(1);
        await lost.Soon();
        await test.Acquire("c").Soon();

        test.Service.Acquires.Last().AnsweredBelow.ShouldBe(6);
    }

    [Fact]
    public async Task A_wait_in_the_queue_does_not_hold_answered_below()
    {
        await using var test = new ClientUnderTest();
        test.Service.Table.HoldByOther("busy");
        var waiting = test.Acquire("busy");

        await test.Acquire("a").Soon();

        test.Service.Acquires.Last().AnsweredBelow.ShouldBe(2);
        test.Service.FreeByOther("busy");
        await waiting.Soon();
    }

    [Fact]
    public async Task Beyond_the_limit_acquires_wait_here_and_releases_do_not()
    {
        await using var test = new ClientUnderTest(options => options.MaxOpenCommands = 2);
        var held = await test.Acquire("held").Soon();
        test.Service.IsSlow = true;
        var acquires = Enumerable.Range(0, 3).Select(i => test.Acquire($"n{i}")).ToArray();
        test.Service.Acquires.Count().ShouldBe(3); // the first one and two of these

        var release = held.DisposeAsync();
        test.Pass(0.05); // in line for a batch, and no longer
        test.Service.Releases.Single().Name.ShouldBe("held");
        test.Service.IsSlow = false;
        test.Service.DeliverKept();

        await Task.WhenAll(acquires).Soon();
        await release.Soon();
        test.Service.Acquires.Count().ShouldBe(4);
    }

    [Fact]
    public async Task More_waiting_calls_than_allowed_are_refused_here()
    {
        await using var test = new ClientUnderTest(options => options.MaxWaitingCalls = 2, startUp: false);
        var acquires = Enumerable.Range(0, 2).Select(i => test.Acquire($"n{i}")).ToArray();

        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => test.Acquire("one too many").Soon());

        refused.Reason.ShouldBe(LockRefusal.LimitReached);
        test.Link.GoUp();
        await Task.WhenAll(acquires).Soon();
    }

    [Theory]
    [InlineData('n')]
    [InlineData('"')] // six bytes of JSON
    public async Task A_batch_is_one_that_the_service_takes_however_long_its_names_are(char letter)
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.Override = command => command.AcquireLock is not { } acquire ? null : new LockReply
        {
            LockGranted = new LockGranted
            {
                CommandId = acquire.CommandId, SessionId = acquire.SessionId, Name = acquire.Names![0],
            },
        };
        test.Service.IsSlow = true;
        var acquires = Enumerable.Range(0, 600).Select(i => test.Locks.AcquireAsync(LockRequest.All(
            [.. Enumerable.Range(0, 64).Select(name => $"{i}.{name}".PadRight(100, letter))])).AsTask())
            .ToArray();

        test.Service.IsSlow = false;
        test.Service.DeliverKept();

        await Task.WhenAll(acquires).Soon();
        test.Service.Acquires.Count(acquire => acquire.Names is not null).ShouldBe(600);
        test.Batches.Max(batch => BusJson.Write(batch).Length).ShouldBeLessThan(1024 * 1024);
    }

    [Fact]
    public async Task A_batch_is_one_that_the_registry_takes_however_long_its_keys_are()
    {
        await using var test = new ClientUnderTest();
        var (key, value) = (new string('"', 500), new string('v', 1_200)); // a quote is six bytes of JSON
        test.Registry.IsDeaf = true;
        var puts = Enumerable.Range(0, 600).Select(i => test.Config.PutAsync(
            $"{i}{key}", value, null, TestContext.Current.CancellationToken)).ToArray();
        test.Registry.IsDeaf = false;

        await test.PassUntilAsync(() => puts.All(put => put.IsCompleted));

        await Task.WhenAll(puts);
        test.Link.Published.Select(published => published.Message).OfType<RegistryCommandBatch>()
            .Max(batch => BusJson.Write(batch).Length).ShouldBeLessThan(1024 * 1024);
    }
}

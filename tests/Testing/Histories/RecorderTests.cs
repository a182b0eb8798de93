using Microsoft.Extensions.Time.Testing;

namespace Muster.Testing.Tests;

public sealed class RecorderTests
{
    [Fact]
    public void A_call_is_recorded_from_before_until_after_it()
    {
        var time = new FakeTimeProvider();
        var recorder = new HistoryRecorder(time);
        using (var write = recorder.Invoke(1, "write", "k", 5))
        {
            time.Advance(TimeSpan.FromMilliseconds(2));
            write.Ok();
        }
        recorder.ToHistory().Operations.ShouldBe(
        [
            new Operation
            {
                Process = 1, Function = "write", Key = "k", Argument = 5, Outcome = Outcome.Ok, InvokedAt = 1,
                CompletedAt = 2, InvokedTime = 0, CompletedTime = 2_000_000,
            },
        ]);
    }

    [Fact]
    public void What_throws_is_of_unknown_outcome_and_its_process_goes_on()
    {
        var recorder = new HistoryRecorder();
        Should.Throw<TimeoutException>(() =>
        {
            using var write = recorder.Invoke(1, "write", argument: 5);
            throw new TimeoutException();
        });
        recorder.Invoke(1, "read").Fail();
        recorder.ToHistory().Operations.Select(operation => operation.Outcome)
            .ShouldBe([Outcome.Unknown, Outcome.Failed]);
    }

    [Fact]
    public void A_process_has_one_operation_and_that_one_end()
    {
        var recorder = new HistoryRecorder();
        var call = recorder.Invoke(1, "read");
        Should.Throw<InvalidOperationException>(() => recorder.Invoke(1, "read"));
        call.Unknown();
        Should.Throw<InvalidOperationException>(() => call.Ok());
        call.Dispose();
        recorder.Events.Count.ShouldBe(2);
    }

    [Fact]
    public void What_was_lost_was_known_of_last_with_its_newest_operation()
    {
        var time = new FakeTimeProvider();
        var recorder = new HistoryRecorder(time);
        recorder.Invoke(1, "acquire", "a", argument: 2).Ok(token: 5);
        time.Advance(TimeSpan.FromMilliseconds(2));
        recorder.Invoke(2, "acquire", "b").Ok(token: 6);
        var other = recorder.Invoke(1, "acquire", "b");

        recorder.Lost(1, "release", "a", argument: 2);

        other.Fail();
        recorder.ToHistory().Operations.Select(
            one => (one.Process, one.Function, one.Key, one.Argument, one.Outcome, one.InvokedTime)).ShouldBe(
        [
            (1, "acquire", "a", 2, Outcome.Ok, 0),
            (1, "release", "a", 2, Outcome.Unknown, 0),
            (2, "acquire", "b", Value.Null, Outcome.Ok, 2_000_000),
            (1, "acquire", "b", Value.Null, Outcome.Failed, 2_000_000),
        ]);
    }

    [Fact]
    public void Nothing_is_lost_that_was_not_had()
    {
        var recorder = new HistoryRecorder();
        var call = recorder.Invoke(1, "acquire", "a");
        Should.Throw<InvalidOperationException>(() => recorder.Lost(1, "release", "a"));
        call.Ok();
        Should.Throw<InvalidOperationException>(() => recorder.Lost(1, "release", "b"));
        Should.Throw<InvalidOperationException>(() => recorder.Lost(2, "release", "a"));
        recorder.Events.Count.ShouldBe(2);
    }

    [Fact]
    public void Threads_record_side_by_side_and_a_right_counter_is_explained()
    {
        const int Threads = 4;
        const int Rounds = 200;
        var recorder = new HistoryRecorder();
        var shared = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                using (var read = recorder.Invoke(thread, "read"))
                {
                    read.Ok(Volatile.Read(ref shared));
                }
                var seen = Volatile.Read(ref shared);
                using var cas = recorder.Invoke(thread, "cas", argument: Value.ListOf(seen, seen + 1));
                cas.Ok(result: Interlocked.CompareExchange(ref shared, seen + 1, seen) == seen);
            }
        });
        recorder.Events.Count.ShouldBe(Threads * Rounds * 4);
        // The counter starts at 0, the register at null.
        History history = new(
        [
            new()
            {
                Process = -1, Function = "write", Argument = 0, Outcome = Outcome.Ok, InvokedAt = -2,
                CompletedAt = -1,
            },
            .. recorder.ToHistory().Operations,
        ]);
        LinearizabilityChecker.Check(
            history, Models.Find("cas-register")!, cancellationToken: TestContext.Current.CancellationToken)
            .Verdict.ShouldBe(Verdict.Ok);
    }

    [Fact]
    public void A_file_of_a_recording_is_a_history()
    {
        var path = Path.GetTempFileName();
        try
        {
            var recorder = new HistoryRecorder();
            recorder.Invoke(1, "write", "k", "é").Ok();
            recorder.WriteFile(path);
            HistoryReader.ReadFile(path).Operations.ShouldBe(recorder.ToHistory().Operations);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

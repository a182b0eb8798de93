using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Driver;

/// <summary>What wakes a node's loop, and what does not.</summary>
public sealed class InputQueueTests : IDisposable
{
    private const int Long = 60_000;
    private static readonly Lending Always = new() { Calm = TimeSpan.Zero, Long = TimeSpan.MaxValue };
    private static readonly NodeInput Input = new ConnectionNews(new OwnConnectionChanged(true));

    private readonly InputQueue _queue = new(maxCount: 2, maxBytes: 100);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_loop_that_waits_is_woken_by_a_post_and_by_the_end()
    {
        var cancellation = TestContext.Current.CancellationToken;
        for (var round = 0; round < 1000; round++)
        {
            var taking = Task.Run(() => _queue.TakeAll(Long), cancellation);
            if (round % 2 == 0) await Task.Yield(); // before it waits, and while it does
            else await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellation);
            _queue.TryPost(Input, 1).ShouldBeTrue();
            (await taking.WaitAsync(TimeSpan.FromSeconds(30), cancellation)).ShouldBe([Input]);
        }
        var last = Task.Run(() => _queue.TakeAll(Long), cancellation);
        _queue.Close();
        (await last.WaitAsync(TimeSpan.FromSeconds(30), cancellation)).ShouldBeNull();
        _queue.TryPost(Input, 1).ShouldBeFalse();
        _queue.Post(Input);
    }

    [Fact]
    public void What_was_posted_while_nobody_waited_is_taken_at_once_and_all_of_it()
    {
        _queue.TryPost(Input, 1);
        _queue.Post(Input);
        _queue.TakeAll(Long)!.Count.ShouldBe(2);
        _queue.TakeAll(1)!.ShouldBeEmpty();
    }

    [Fact]
    public void It_is_full_by_number_and_by_bytes_but_takes_one_that_is_larger_and_what_must_not_be_lost()
    {
        _queue.TryPost(Input, 1000).ShouldBeTrue();
        _queue.TryPost(Input, 1).ShouldBeFalse();
        _queue.Post(Input);
        _queue.TakeAll(0)!.Count.ShouldBe(2);
        _queue.TryPost(Input, 1).ShouldBeTrue();
        _queue.TryPost(Input, 1).ShouldBeTrue();
        _queue.TryPost(Input, 1).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_posts_while_the_loop_waits_and_little_comes_goes_round_itself()
    {
        var queue = new InputQueue(10, 100, Always);
        var rounds = new List<(int Thread, int Inputs)>();
        var waits = new Queue<int>([0, Long]);
        queue.Lend(inputs =>
        {
            rounds.Add((Environment.CurrentManagedThreadId, inputs.Count));
            return waits.Dequeue();
        });
        var taking = Waiting(queue, Long);

        queue.TryPostAndRun(Input, 1).ShouldBeTrue();

        // The second has no input: it counts the leader's own write.
        var here = Environment.CurrentManagedThreadId;
        rounds.ShouldBe([(here, 1), (here, 0)]);
        taking.IsCompleted.ShouldBeFalse();
        queue.TryPost(Input, 1);
        (await taking)!.ShouldBe([Input]);
        queue.TryPostAndRun(Input, 1); // while it does not wait
        rounds.Count.ShouldBe(2);
        queue.TakeAll(Long)!.ShouldBe([Input]);
    }

    [Fact]
    public async Task A_loop_that_lends_still_keeps_its_time()
    {
        var queue = new InputQueue(10, 100, Always);
        queue.Lend(_ => Long);
        var taking = Waiting(queue, 3_000);
        queue.TryPostAndRun(Input, 1);
        (await taking)!.ShouldBeEmpty();
    }

    /// <summary>Or a leader's heartbeats that came during a slow write would pass for silence.</summary>
    [Fact]
    public async Task After_a_long_lent_round_the_loop_waits_for_what_its_poster_brings_and_lends_no_more()
    {
        var settling = TimeSpan.FromMilliseconds(300);
        var queue = new InputQueue(10, 100, Always with
        {
            Long = TimeSpan.Zero,
            Settling = settling,
            Unlent = TimeSpan.MaxValue,
        });
        var rounds = 0;
        queue.Lend(_ =>
        {
            rounds++;
            return 0;
        });
        var taking = Waiting(queue, Long);
        var began = TimeProvider.System.GetTimestamp();

        queue.TryPostAndRun(Input, 1);

        rounds.ShouldBe(1);
        (await taking).ShouldNotBeNull();
        TimeProvider.System.GetElapsedTime(began).ShouldBeGreaterThan(settling * 0.9);
        queue.TakeAll(0);
        taking = Waiting(queue, Long);
        queue.TryPostAndRun(Input, 1);
        (await taking)!.ShouldBe([Input]);
        rounds.ShouldBe(1);
    }

    [Theory]
    [InlineData("under load")]
    [InlineData("due earlier")]
    [InlineData("due at once, twice")]
    [InlineData("more came")]
    public async Task The_loop_is_woken_when_the_next_round_is_its_own(string why)
    {
        var queue = new InputQueue(
            10, 100, why == "under load" ? Always with { Calm = TimeSpan.MaxValue } : Always);
        queue.Lend(_ =>
        {
            if (why == "more came") queue.TryPostAndRun(Input, 1).ShouldBeTrue();
            return why switch { "due earlier" => 1_000, "due at once, twice" => 0, _ => Long };
        });
        var taking = Waiting(queue, Long);

        queue.TryPostAndRun(Input, 1).ShouldBeTrue();

        var inputs = await taking.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        inputs!.Count.ShouldBe(why is "under load" or "more came" ? 1 : 0);
    }

    [Fact]
    public async Task What_fails_in_a_lent_round_fails_in_the_loop()
    {
        var queue = new InputQueue(10, 100, Always);
        queue.Lend(_ => throw new IOException("disk"));
        var taking = Waiting(queue, Long);
        queue.TryPostAndRun(Input, 1).ShouldBeTrue();
        (await Should.ThrowAsync<IOException>(taking)).Message.ShouldBe("disk");
    }

    [Fact]
    public async Task The_loop_ends_after_a_lent_round_and_nobody_goes_round_after_it()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var queue = new InputQueue(10, 100, Always);
        using var isIn = new SemaphoreSlim(0);
        using var mayEnd = new SemaphoreSlim(0);
        var rounds = 0;
        queue.Lend(_ =>
        {
            rounds++;
            isIn.Release();
            mayEnd.Wait(cancellation);
            return Long;
        });
        var taking = Waiting(queue, Long);
        var posting = Task.Run(() => queue.TryPostAndRun(Input, 1), cancellation);
        await isIn.WaitAsync(cancellation);

        queue.Close();
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellation);
        taking.IsCompleted.ShouldBeFalse();
        mayEnd.Release();

        (await taking.WaitAsync(TimeSpan.FromSeconds(30), cancellation)).ShouldBeNull();
        (await posting).ShouldBeTrue();
        queue.TryPostAndRun(Input, 1).ShouldBeFalse();
        rounds.ShouldBe(1);
        queue.Dispose();
    }

    /// <param name="wait">Of the loop: with a short one it comes round by itself all the time.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(Long)]
    public async Task Rounds_never_overlap_and_each_input_is_in_one_in_its_posters_order(int wait)
    {
        const int Posters = 4;
        const int Each = 20_000;
        var cancellation = TestContext.Current.CancellationToken;
        var queue = new InputQueue(int.MaxValue, long.MaxValue, Always);
        var (isBusy, lent, own, seen) = (0, 0, 0, 0);
        Exception? failure = null;
        var last = new int[Posters];
        Array.Fill(last, -1);
        var loop = new Thread(() =>
        {
            queue.Lend(inputs =>
            {
                lent++;
                Round(inputs);
                return wait == Long ? Long : 1 + (lent % 3);
            });
            try
            {
                while (queue.TakeAll(wait) is { } inputs)
                {
                    own++;
                    Round(inputs);
                }
            }
            catch (Exception wrong)
            {
                failure = wrong;
                seen = Posters * Each;
            }
        });
        loop.Start();

        await Task.WhenAll(Enumerable.Range(0, Posters).Select(poster => PostAsync(queue, poster, Each)));
        await Waits(() => Volatile.Read(ref seen) == Posters * Each);
        queue.Close();
        loop.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue();

        failure.ShouldBeNull();
        last.ShouldAllBe(number => number == Each - 1);
        lent.ShouldBeGreaterThan(100);
        own.ShouldBeGreaterThan(100);

        void Round(List<NodeInput> inputs)
        {
            Interlocked.Exchange(ref isBusy, 1).ShouldBe(0);
            foreach (var input in inputs)
            {
                var text = ((ConnectionLost)((ConnectionNews)input).Input).Incarnation.Split(' ');
                var (poster, number) = (int.Parse(text[0]), int.Parse(text[1]));
                number.ShouldBe(last[poster] + 1);
                last[poster] = number;
                seen++;
            }
            Volatile.Write(ref isBusy, 0);
        }
    }

    /// <summary>In each of the ways, with pauses, in which the loop comes to wait.</summary>
    private static async Task PostAsync(InputQueue queue, int poster, int count)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        for (var number = 0; number < count; number++)
        {
            var input = new ConnectionNews(new ConnectionLost($"{poster} {number}"));
            if (number % 5 == 0) queue.Post(input);
            else if (number % 7 == 0) queue.TryPost(input, 1).ShouldBeTrue();
            else queue.TryPostAndRun(input, 1).ShouldBeTrue();
            if (number % 100 > 0) continue;
            await Task.Delay(
                TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A loop that waits, for that is when a poster may go round.</summary>
    private static Task<List<NodeInput>?> Waiting(InputQueue queue, int milliseconds)
    {
        var taking = Task.Factory.StartNew(
            () => queue.TakeAll(milliseconds), TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        SpinWait.SpinUntil(() => queue.IsAwaited, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        return taking;
    }

    private static async Task Waits(Func<bool> isMet)
    {
        for (var tries = 0; !isMet(); tries++)
        {
            tries.ShouldBeLessThan(60_000, "it is stuck");
            await Task.Delay(
                TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}

using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Driver;

/// <summary>What wakes a node's loop, and what does not.</summary>
public sealed class InputQueueTests : IDisposable
{
    private const int Long = 60_000;
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
}

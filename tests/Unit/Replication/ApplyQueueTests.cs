using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Replication;

public sealed class ApplyQueueTests
{
    private readonly ApplyQueue _queue = new(maxEarlyEntries: 3, maxEarlyBytes: 100);

    [Fact]
    public void Entries_leave_in_order_whatever_order_they_come_in()
    {
        Add(3, 2);
        TakeAll().ShouldBeEmpty();
        _queue.IsBehind.ShouldBeTrue();

        Add(1, 1, 2);
        TakeAll().ShouldBe([1, 2, 3]);
        _queue.IsBehind.ShouldBeFalse();
    }

    [Fact]
    public void Applied_entries_are_skipped()
    {
        Add(1, 2);
        TakeAll();
        Add(1, 2, 3);
        TakeAll().ShouldBe([3]);
    }

    [Fact]
    public void The_newest_are_dropped_when_too_many_are_early()
    {
        Add(2, 3, 4, 5, 6);
        _queue.EarlyCount.ShouldBe(3);
        Add(1);
        TakeAll().ShouldBe([1, 2, 3, 4]);
        _queue.KnownCommit.ShouldBe(new LogIndex(6));
        _queue.IsBehind.ShouldBeTrue();
    }

    [Fact]
    public void Early_entries_are_bounded_by_bytes_too()
    {
        _queue.Add([Entry(2, 60), Entry(3, 60)], LogIndex.Zero);
        _queue.EarlyCount.ShouldBe(1);
        _queue.Add([Entry(1, 0)], LogIndex.Zero);
        TakeAll().ShouldBe([1, 2]);
        _queue.Add([Entry(4, 90)], LogIndex.Zero);
        _queue.EarlyCount.ShouldBe(1, "the bytes of released entries are free again");
    }

    [Fact]
    public void A_snapshot_takes_the_place_of_all_entries_up_to_it()
    {
        Add(1, 3, 5, 6);
        _queue.JumpTo(new(4));

        _queue.Applied.ShouldBe(new LogIndex(4));
        TakeAll().ShouldBe([5, 6]);
        Should.Throw<InvalidOperationException>(() => _queue.JumpTo(new(6)));
    }

    [Fact]
    public void A_commit_index_alone_shows_that_something_is_missing()
    {
        _queue.Add([], new LogIndex(2));
        _queue.IsBehind.ShouldBeTrue();
    }

    private static LogEntry Entry(long index, int bytes) =>
        new() { Index = new(index), Payload = new byte[bytes] };

    private void Add(params long[] indexes) =>
        _queue.Add([.. indexes.Select(index => Entry(index, 1))], LogIndex.Zero);

    private List<long> TakeAll()
    {
        var taken = new List<long>();
        while (_queue.TryPeek(out var entry))
        {
            _queue.Advance();
            taken.Add(entry.Index.Value);
        }
        return taken;
    }
}

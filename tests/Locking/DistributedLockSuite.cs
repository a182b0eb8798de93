using System.Runtime.CompilerServices;
using Medallion.Threading;
using Muster.Client;
using Muster.DistributedLock;
using Shouldly;
using Xunit;

namespace Muster.Locking;

/// <summary>
/// What DistributedLock's documentation says of every implementation, over the interfaces alone, so that a
/// user who changes the provider changes nothing else.
/// </summary>
public abstract class DistributedLockSuite : Suite
{
    private static readonly TimeSpan Forever = Timeout.InfiniteTimeSpan;

    [Fact]
    public async Task A_mutex_has_one_holder_and_is_not_re_entrant()
    {
        var name = NewName("mutex");
        var (mine, theirs) = (Locks(Ann).CreateLock(name), Locks(Bob).CreateLock(name));
        mine.Name.ShouldBe(name);
        await using (await mine.AcquireAsync(cancellationToken: Cancelled))
        {
            (await theirs.TryAcquireAsync(cancellationToken: Cancelled)).ShouldBeNull();
            (await mine.TryAcquireAsync(cancellationToken: Cancelled)).ShouldBeNull();
            await Should.ThrowAsync<TimeoutException>(
                () => theirs.AcquireAsync(Moment, Cancelled).AsTask());
        }
        await using var next = await theirs.TryAcquireAsync(cancellationToken: Cancelled);
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_waits_is_granted_when_the_holder_is_done_and_a_cancelled_wait_ends()
    {
        var name = NewName("wait");
        var (mine, theirs) = (Locks(Ann).CreateLock(name), Locks(Bob).CreateLock(name));
        var held = await mine.AcquireAsync(Forever, Cancelled);
        using var enough = new CancellationTokenSource();
        var cancelled = theirs.AcquireAsync(Forever, enough.Token).AsTask();
        var waiting = theirs.TryAcquireAsync(Patience, Cancelled).AsTask();
        await WaitsAsync(name, 2);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        waiting.IsCompleted.ShouldBeFalse();
        await held.DisposeAsync();
        await using var next = await waiting;
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_token_cancelled_before_the_call_asks_for_nothing()
    {
        var name = NewName("before");
        using var enough = new CancellationTokenSource();
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(
            () => Locks(Ann).CreateLock(name).AcquireAsync(null, enough.Token).AsTask());
        await using var free = await Locks(Bob).CreateLock(name).TryAcquireAsync(default, Cancelled);
        free.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_time_out_is_zero_positive_or_infinite_and_a_name_is_not_null()
    {
        var one = Locks(Ann).CreateLock(NewName("arguments"));
        var negative = TimeSpan.FromSeconds(-2);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await one.TryAcquireAsync(negative));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await one.AcquireAsync(negative));
        Should.Throw<ArgumentOutOfRangeException>(() => one.Acquire(negative));
        Should.Throw<ArgumentNullException>(() => Locks(Ann).CreateLock(null!));
        Should.Throw<ArgumentOutOfRangeException>(() => Semaphores(Ann).CreateSemaphore("s", 0));
    }

    [Fact]
    public async Task Any_text_is_a_name_and_different_texts_are_different_locks()
    {
        var unique = Guid.NewGuid().ToString("N");
        string[] names =
        [
            "", unique, unique + "A", unique + "a", unique + new string('x', 1_000),
            unique + new string('x', 1_001), unique + "\n", unique + "\t", unique + "\ud800",
            unique + "\ud801", unique + "\ufffd", "muster:" + unique, unique + new string('ü', 200),
        ];
        var held = new List<IDistributedSynchronizationHandle?>();
        foreach (var name in names)
        {
            held.Add(await Locks(Ann).CreateLock(name).TryAcquireAsync(Patience, Cancelled));
            (await Locks(Bob).CreateLock(name).TryAcquireAsync(default, Cancelled)).ShouldBeNull();
        }
        held.ShouldAllBe(handle => handle != null);
        foreach (var handle in held)
        {
            await handle!.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("\ufffd")]
    [InlineData("\ud83d\ude00")]
    public async Task Text_that_Muster_takes_is_its_own_name(string text)
    {
        var name = NewName("text") + text;
        await using var held = await Locks(Ann).CreateLock(name).AcquireAsync(Patience, Cancelled);
        (await Bob.Locks.TryAcquireAsync(name, default, Cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task A_handle_that_nobody_has_any_more_gives_its_lock_back()
    {
        var name = NewName("abandoned");
        Abandon(Locks(Ann).CreateLock(name));
        var waiting = Locks(Bob).CreateLock(name).TryAcquireAsync(Patience, Cancelled).AsTask();
        while (!waiting.IsCompleted)
        {
            // Again: whoever granted it may not have let go of its answer yet.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }
        await using var next = await waiting;
        next.ShouldNotBeNull();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(IDistributedLock mine) => mine.Acquire(Patience, Cancelled);

    [Fact]
    public async Task A_handle_is_disposed_as_often_as_one_likes_and_tells_of_its_loss()
    {
        var name = NewName("handle");
        var handle = await Locks(Ann).CreateLock(name).AcquireAsync(Patience, Cancelled);
        handle.HandleLostToken.CanBeCanceled.ShouldBeTrue();
        var lost = new TaskCompletionSource();
        await using var registration = handle.HandleLostToken.Register(lost.SetResult);
        await Bob.Locks.BreakAsync(name, "test", Cancelled);
        await lost.Task.WaitAsync(Patience, TimeProvider.System, Cancelled);
        await handle.DisposeAsync();
        handle.Dispose();
        await handle.DisposeAsync();
        Should.Throw<ObjectDisposedException>(() => handle.HandleLostToken);
    }

    [Fact]
    public async Task Without_async_it_is_the_same()
    {
        var name = NewName("sync");
        var (mine, theirs) = (Locks(Ann).CreateLock(name), Locks(Bob).CreateLock(name));
        await Task.Run(
            () =>
            {
                using (mine.Acquire(Patience, Cancelled))
                {
                    theirs.TryAcquire(default, Cancelled).ShouldBeNull();
                    Should.Throw<TimeoutException>(() => theirs.Acquire(Moment, Cancelled));
                }
                using var next = theirs.TryAcquire(default, Cancelled).ShouldNotBeNull();
            },
            Cancelled);
    }

    [Fact]
    public async Task Readers_share_writers_do_not()
    {
        var name = NewName("rw");
        var (mine, theirs) = (
            ReaderWriters(Ann).CreateReaderWriterLock(name), ReaderWriters(Bob).CreateReaderWriterLock(name));
        await using (await mine.AcquireReadLockAsync(Patience, Cancelled))
        {
            await using var shared = await theirs.TryAcquireReadLockAsync(default, Cancelled);
            shared.ShouldNotBeNull();
            (await theirs.TryAcquireWriteLockAsync(default, Cancelled)).ShouldBeNull();
        }
        await using (await mine.AcquireWriteLockAsync(Patience, Cancelled))
        {
            (await theirs.TryAcquireReadLockAsync(default, Cancelled)).ShouldBeNull();
            (await theirs.TryAcquireWriteLockAsync(default, Cancelled)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task An_upgradeable_reader_excludes_its_like_and_writers_and_becomes_one()
    {
        var name = NewName("upgradeable");
        var mine = ReaderWriters(Ann).CreateUpgradeableReaderWriterLock(name);
        var theirs = ReaderWriters(Bob).CreateUpgradeableReaderWriterLock(name);
        await using var handle = await mine.AcquireUpgradeableReadLockAsync(Patience, Cancelled);
        (await theirs.TryAcquireUpgradeableReadLockAsync(default, Cancelled)).ShouldBeNull();
        (await theirs.TryAcquireWriteLockAsync(default, Cancelled)).ShouldBeNull();
        await using (await theirs.AcquireReadLockAsync(Patience, Cancelled))
        {
            (await handle.TryUpgradeToWriteLockAsync(default, Cancelled)).ShouldBeFalse();
            await Should.ThrowAsync<TimeoutException>(
                () => handle.UpgradeToWriteLockAsync(Moment, Cancelled).AsTask());
        }
        (await handle.TryUpgradeToWriteLockAsync(Patience, Cancelled)).ShouldBeTrue();
        (await theirs.TryAcquireReadLockAsync(default, Cancelled)).ShouldBeNull();
        await handle.DisposeAsync();
        await using var reader = await theirs.TryAcquireReadLockAsync(default, Cancelled);
        reader.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_semaphore_has_so_many_holders_and_no_more()
    {
        var name = NewName("permits");
        var (mine, theirs) = (
            Semaphores(Ann).CreateSemaphore(name, 2), Semaphores(Bob).CreateSemaphore(name, 2));
        mine.MaxCount.ShouldBe(2);
        var first = await mine.AcquireAsync(Patience, Cancelled);
        await using var second = await theirs.AcquireAsync(Patience, Cancelled);
        (await mine.TryAcquireAsync(default, Cancelled)).ShouldBeNull();
        var third = theirs.TryAcquireAsync(Patience, Cancelled).AsTask();
        await first.DisposeAsync();
        await using var next = await third;
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_provider_s_own_types_say_more()
    {
        var provider = new MusterSynchronizationProvider(Ann);
        var name = NewName("own");
        await using var first = await provider.CreateLock(name).AcquireAsync(Patience, Cancelled);
        var token = first.FencingToken;
        await first.DisposeAsync();
        await using var second = await provider.CreateLock(name).AcquireAsync(Patience, Cancelled);
        second.FencingToken.ShouldBeGreaterThan(token);
        second.Held.Takeover.TotalMilliseconds.ShouldBeGreaterThan(0);
    }

    // As what a user injects.
    protected static IDistributedLockProvider Locks(IMuster client) =>
        new MusterSynchronizationProvider(client);

    protected static IDistributedUpgradeableReaderWriterLockProvider ReaderWriters(IMuster client) =>
        new MusterSynchronizationProvider(client);

    protected static IDistributedSemaphoreProvider Semaphores(IMuster client) =>
        new MusterSynchronizationProvider(client);
}

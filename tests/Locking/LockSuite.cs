using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Locking;

/// <summary>What <see cref="ILocks"/> promises in every mode.</summary>
public abstract class LockSuite : Suite
{
    [Fact]
    public async Task Readers_share_a_writer_waits_for_them_and_later_readers_wait_for_the_writer()
    {
        var name = NewName("shared");
        var first = await Ann.Locks.AcquireAsync(LockRequest.Shared(name), Patience, Cancelled);
        await using var second = await Bob.Locks.AcquireAsync(LockRequest.Shared(name), Patience, Cancelled);
        (first.Mode, second.Mode).ShouldBe((LockMode.Shared, LockMode.Shared));
        second.FencingToken.ShouldBeGreaterThan(first.FencingToken);

        (await Bob.Locks.TryAcquireAsync(name, default, Cancelled)).ShouldBeNull();
        var writer = Ann.Locks.AcquireAsync(name, Patience, Cancelled).AsTask();
        await WaitsAsync(name);
        (await Bob.Locks.TryAcquireAsync(LockRequest.Shared(name), default, Cancelled)).ShouldBeNull();

        await first.DisposeAsync();
        await second.DisposeAsync();
        await using var written = await writer;
        written.FencingToken.ShouldBeGreaterThan(second.FencingToken);
        (await Bob.Locks.TryAcquireAsync(LockRequest.Shared(name), default, Cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task An_upgrade_waits_for_the_readers_alone_and_has_a_token_of_its_own()
    {
        var name = NewName("upgrade");
        await using var upgradeable = await Ann.Locks.AcquireAsync(
            LockRequest.Upgradeable(name), Patience, Cancelled);
        var reader = await Bob.Locks.AcquireAsync(LockRequest.Shared(name), Patience, Cancelled);
        (await Bob.Locks.TryAcquireAsync(LockRequest.Upgradeable(name), default, Cancelled)).ShouldBeNull();
        (await upgradeable.TryUpgradeAsync(default, Cancelled)).ShouldBeFalse();
        upgradeable.Mode.ShouldBe(LockMode.Upgradeable);
        var before = upgradeable.FencingToken;

        var writer = Bob.Locks.AcquireAsync(name, Patience, Cancelled).AsTask();
        await WaitsAsync(name);
        var upgrade = upgradeable.UpgradeAsync(Patience, Cancelled).AsTask();
        await WaitsAsync(name, 2);
        upgrade.IsCompleted.ShouldBeFalse();
        await reader.DisposeAsync();
        await upgrade;

        upgradeable.Mode.ShouldBe(LockMode.Exclusive);
        upgradeable.FencingToken.ShouldBeGreaterThan(before);
        writer.IsCompleted.ShouldBeFalse();
        var token = upgradeable.FencingToken;
        await upgradeable.UpgradeAsync(Patience, Cancelled);
        upgradeable.FencingToken.ShouldBe(token, "it was upgraded already");
        await upgradeable.DisposeAsync();
        await using var written = await writer;
        written.FencingToken.ShouldBeGreaterThan(upgradeable.FencingToken);
        upgradeable.IsLost.ShouldBeFalse("given back, not lost");
    }

    [Fact]
    public async Task An_upgrade_that_is_given_up_leaves_the_hold_as_it_was()
    {
        var name = NewName("given-up");
        await using var upgradeable = await Ann.Locks.AcquireAsync(
            LockRequest.Upgradeable(name), Patience, Cancelled);
        await using var reader = await Bob.Locks.AcquireAsync(LockRequest.Shared(name), Patience, Cancelled);
        using var enough = new CancellationTokenSource();
        var upgrade = upgradeable.UpgradeAsync(null, enough.Token).AsTask();
        await WaitsAsync(name);
        await enough.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => upgrade);
        await using var another = await Bob.Locks.AcquireAsync(
            LockRequest.Shared(name), Patience, Cancelled);
        upgradeable.Mode.ShouldBe(LockMode.Upgradeable);
        upgradeable.IsLost.ShouldBeFalse();
        await Should.ThrowAsync<TimeoutException>(
            () => upgradeable.UpgradeAsync(Moment, Cancelled).AsTask());
    }

    [Fact]
    public async Task Only_an_upgradeable_hold_is_upgraded_and_only_while_it_is_held()
    {
        await using var reader = await Ann.Locks.AcquireAsync(
            LockRequest.Shared(NewName("reader")), Patience, Cancelled);
        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => reader.TryUpgradeAsync(default, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.ModeInvalid);

        var gone = await Ann.Locks.AcquireAsync(
            LockRequest.Upgradeable(NewName("gone")), Patience, Cancelled);
        await gone.DisposeAsync();
        refused = await Should.ThrowAsync<MusterRefusedException>(
            () => gone.TryUpgradeAsync(default, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.NotHeld);
    }

    [Fact]
    public async Task A_semaphore_grants_its_permits_and_no_more()
    {
        var name = NewName("semaphore");
        var two = await Ann.Locks.AcquireAsync(LockRequest.Semaphore(name, 3, 2), Patience, Cancelled);
        await using var one = await Bob.Locks.AcquireAsync(
            LockRequest.Semaphore(name, 3), Patience, Cancelled);
        (two.Permits, one.Permits).ShouldBe((2, 1));
        (await Bob.Locks.TryAcquireAsync(LockRequest.Semaphore(name, 3), default, Cancelled)).ShouldBeNull();
        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => Bob.Locks.AcquireAsync(LockRequest.Semaphore(name, 4), Patience, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.ModeConflict);
        refused = await Should.ThrowAsync<MusterRefusedException>(
            () => Bob.Locks.AcquireAsync(name, Patience, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.ModeConflict);

        await two.DisposeAsync();
        await using var next = await Bob.Locks.AcquireAsync(
            LockRequest.Semaphore(name, 3, 2), Patience, Cancelled);
    }

    [Fact]
    public async Task Several_names_are_held_all_or_none_and_never_deadlock()
    {
        var (a, b, c) = (NewName("a"), NewName("b"), NewName("c"));
        await using (var all = await Ann.Locks.AcquireAsync(LockRequest.All(a, b, c), Patience, Cancelled))
        {
            all.Names.ShouldBe(new[] { a, b, c }.Order(StringComparer.Ordinal));
            (await Bob.Locks.TryAcquireAsync(LockRequest.All(b, a), default, Cancelled)).ShouldBeNull();
            (await Bob.Locks.TryAcquireAsync(c, default, Cancelled)).ShouldBeNull();
        }
        await using (await Ann.Locks.AcquireAsync(b, Patience, Cancelled))
        {
            (await Bob.Locks.TryAcquireAsync(LockRequest.All(a, b), Moment, Cancelled)).ShouldBeNull();
            await using var rest = await Ann.Locks.AcquireAsync(LockRequest.All(a, c), Patience, Cancelled);
        }
        (string, string)[] orders = [(a, b), (b, a), (b, c), (c, b), (a, c), (c, a)];
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async number =>
        {
            var (first, second) = orders[number % orders.Length];
            var client = number % 2 == 0 ? Ann : Bob;
            await using var both = await client.Locks.AcquireAsync(
                LockRequest.All(first, second), Patience, Cancelled);
        }));
    }

    [Fact]
    public async Task A_wait_that_ends_or_is_cancelled_leaves_nobody_in_the_queue()
    {
        var name = NewName("queue");
        await using var held = await Ann.Locks.AcquireAsync(name, Patience, Cancelled);
        using var enough = new CancellationTokenSource();
        var waiting = Bob.Locks.AcquireAsync(LockRequest.Shared(name), null, enough.Token).AsTask();
        await WaitsAsync(name);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        await WaitsAsync(name, 0);
        await Should.ThrowAsync<TimeoutException>(
            () => Bob.Locks.AcquireAsync(LockRequest.Upgradeable(name), Moment, Cancelled).AsTask());
        await WaitsAsync(name, 0);
        (await Ann.Locks.DescribeAsync(name, Cancelled)).HolderCount.ShouldBe(1);
    }

    [Fact]
    public async Task A_break_takes_all_holders_and_each_is_told()
    {
        var name = NewName("broken");
        await using var one = await Ann.Locks.AcquireAsync(LockRequest.Shared(name), Patience, Cancelled);
        await using var other = await Bob.Locks.AcquireAsync(LockRequest.Shared(name), Patience, Cancelled);
        var broken = await Ann.Locks.BreakAsync(name, "test", Cancelled);

        broken.WasHeld.ShouldBeTrue();
        FencingToken[] tokens = [one.FencingToken, other.FencingToken];
        broken.FencingToken.ShouldBeGreaterThan(tokens.Max());
        await Task.WhenAll(LostAsync(one), LostAsync(other));
        await using var next = await Bob.Locks.AcquireAsync(name, Patience, Cancelled);
        next.FencingToken.ShouldBeGreaterThan(broken.FencingToken);
    }

    [Fact]
    public async Task What_is_in_use_is_listed_by_prefix_in_order()
    {
        var prefix = NewName("list");
        var handles = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Ann.Locks.AcquireAsync(
            LockRequest.Shared($"{prefix}/{number:D2}"), Patience, Cancelled).AsTask()));
        var listed = new List<LockSummary>();
        await foreach (var one in Bob.Locks.ListAsync(prefix, Cancelled))
        {
            listed.Add(one);
        }
        listed.Select(one => one.Name).ShouldBe(handles.Select(handle => handle.Name));
        listed.Select(one => one.Holder!.FencingToken)
            .ShouldBe(handles.Select(handle => handle.FencingToken));
        await Task.WhenAll(handles.Select(handle => handle.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_namespace_is_limited_in_every_group_and_says_what_it_has_in_use()
    {
        // Of four groups the first two of these are in number 0, the third in number 2.
        var space = $"limited-{Guid.NewGuid():N}";
        string[] names = [$"{space}/{{orders}}1", $"{space}/{{orders}}2", $"{space}/{{a}}"];
        await Ann.Locks.SetNamespaceLimitsAsync(space, new() { MaxLocks = 1 }, Cancelled);
        await using var first = await Ann.Locks.AcquireAsync(names[0], Patience, Cancelled);
        var refused = await Should.ThrowAsync<MusterRefusedException>(
            () => Bob.Locks.AcquireAsync(names[1], Patience, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.LimitReached);
        refused.Message.ShouldContain($"'{space}'");

        var used = await NamespaceAsync(space);
        used.ShouldAllBe(one => one.Limits.MaxLocks == 1);
        used.Sum(one => one.Use.Acquires).ShouldBe(1);
        if (used.Count == 1)
        {
            refused = await Should.ThrowAsync<MusterRefusedException>(
                () => Bob.Locks.AcquireAsync(names[2], Patience, Cancelled).AsTask());
            refused.Reason.ShouldBe(LockRefusal.LimitReached);
        }
        else
        {
            used.Select(one => one.GroupNumber).ShouldBe([0, 1, 2, 3]);
            await using var third = await Bob.Locks.AcquireAsync(names[2], Patience, Cancelled);
            (await NamespaceAsync(space)).Select(one => one.Use.Locks).ShouldBe([1, 0, 1, 0]);
        }

        await Ann.Locks.SetNamespaceLimitsAsync(space, new(), Cancelled);
        await using var second = await Bob.Locks.AcquireAsync(names[1], Patience, Cancelled);
        (await NamespaceAsync(space)).Where(one => one.Use.Locks > 0).ShouldHaveSingleItem()
            .Use.Locks.ShouldBe(2);
    }

    [Fact]
    public async Task A_deadlock_of_two_clients_is_named_until_one_gives_way()
    {
        // Of four groups the first is in number 2, the second in number 0: one of the waits is in each.
        var unique = Guid.NewGuid().ToString("N");
        var (a, b) = ("{a}" + unique, "{orders}" + unique);
        await using var ofAnn = await Ann.Locks.AcquireAsync(a, Patience, Cancelled);
        await using var ofBob = await HeldByAnotherFlowAsync(Bob, b);
        using var enough = new CancellationTokenSource();
        var annWaits = Ann.Locks.AcquireAsync(b, null, enough.Token).AsTask();
        await WaitsAsync(b);
        (await NamedAsync(a, b)).ShouldBeEmpty();
        var bobWaits = ofBob.WaitFor(a);
        await WaitsAsync(a);

        var circle = (await NamedAsync(a, b)).ShouldHaveSingleItem();
        circle.Waits.Select(wait => wait.Name).ShouldBe([a, b], ignoreOrder: true);
        circle.Waits.Select(wait => wait.Blocker.AcquireId)
            .ShouldBe([ofAnn.AcquireId, ofBob.Handle.AcquireId], ignoreOrder: true);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => annWaits);
        await WaitsAsync(b, 0);
        (await NamedAsync(a, b)).ShouldBeEmpty();
        await ofAnn.DisposeAsync();
        await (await bobWaits).DisposeAsync();
    }

    [Fact]
    public async Task The_history_tells_grants_waits_and_losses_in_order_with_their_causes()
    {
        var name = NewName("told");
        await using var first = await Ann.Locks.AcquireAsync(name, Patience, Cancelled);
        var waiting = Bob.Locks.AcquireAsync(name, Patience, Cancelled).AsTask();
        await WaitsAsync(name);
        var gone = await NewClientAsync("gone");
        var last = gone.Locks.AcquireAsync(name, Patience, Cancelled).AsTask();
        await WaitsAsync(name, 2);
        await Ann.Locks.BreakAsync(name, "stuck", Cancelled);
        var second = await waiting;
        await second.DisposeAsync();
        var third = await last;
        (await Ann.Locks.ExplainLossAsync(third, Cancelled))!.Kind.ShouldBe(LockHistoryKind.Granted);
        await gone.DisposeAsync();
        await using var fourth = await Ann.Locks.AcquireAsync(name, Patience, Cancelled);

        var history = await Bob.Locks.ReadHistoryAsync(new() { Name = name }, Cancelled);
        history.Entries.Select(entry => (entry.Kind, entry.Cause, entry.Owner, entry.FencingToken)).ShouldBe(
        [
            (LockHistoryKind.Granted, "", "ann", first.FencingToken),
            (LockHistoryKind.Queued, "", "bob", FencingToken.None),
            (LockHistoryKind.Queued, "", "gone", FencingToken.None),
            (LockHistoryKind.Lost, "Broken", "ann", first.FencingToken),
            (LockHistoryKind.Granted, "", "bob", second.FencingToken),
            (LockHistoryKind.Released, "Released", "bob", second.FencingToken),
            (LockHistoryKind.Granted, "", "gone", third.FencingToken),
            (LockHistoryKind.Lost, "SessionClosed", "gone", third.FencingToken),
            (LockHistoryKind.Granted, "", "ann", fourth.FencingToken),
        ]);
        var entries = history.Entries;
        entries[4].Index.ShouldBe(entries[3].Index, "a hand-over is one entry of the log");
        entries.Select(entry => entry.LogTime).ShouldBeInOrder();
        entries.ShouldAllBe(entry => !entry.IsLate && entry.At >= history.Since);
        var lost = await Bob.Locks.ExplainLossAsync(first, Cancelled);
        lost.ShouldNotBeNull().Reason.ShouldBe("stuck");
        lost.Explanation.ShouldContain("\"stuck\"");

        var page = await Ann.Locks.ReadHistoryAsync(new()
        {
            Name = name,
            NewestFirst = true,
            Limit = 2,
            AfterIndex = entries[8].Index,
        }, Cancelled);
        page.Entries.Select(entry => entry.Kind).ShouldBe([LockHistoryKind.Lost, LockHistoryKind.Granted]);
        page.HasMore.ShouldBeTrue();
        var ofGone = await Ann.Locks.ReadHistoryAsync(new() { SessionId = entries[6].SessionId }, Cancelled);
        ofGone.Entries.Select(entry => entry.Kind).ShouldBe(
        [
            LockHistoryKind.Queued, LockHistoryKind.Granted, LockHistoryKind.SessionEnded,
            LockHistoryKind.Lost,
        ]);
    }

    [Fact]
    public async Task A_grant_says_when_another_has_the_lock_at_the_latest()
    {
        await using var held = await Ann.Locks.AcquireAsync(NewName("takeover"), Patience, Cancelled);
        var takeover = held.Takeover;
        takeover.TtlMilliseconds.ShouldBe(15_000);
        takeover.TickMilliseconds.ShouldBeGreaterThan(0);
        takeover.ElectionMilliseconds.ShouldBeGreaterThan(0);
        takeover.CommitMilliseconds.ShouldBeGreaterThan(0);
        takeover.TotalMilliseconds.ShouldBe(
            takeover.TtlMilliseconds + takeover.LockDelayMilliseconds + takeover.TickMilliseconds
                + takeover.ElectionMilliseconds + takeover.CommitMilliseconds);
    }

    [Fact]
    public async Task The_end_of_a_client_passes_on_all_that_it_holds_and_wants()
    {
        var (shared, semaphore, several) = (NewName("s"), NewName("p"), NewName("m"));
        var gone = await NewClientAsync("gone");
        await gone.Locks.AcquireAsync(LockRequest.Upgradeable(shared), Patience, Cancelled);
        await gone.Locks.AcquireAsync(LockRequest.Semaphore(semaphore, 1), Patience, Cancelled);
        await gone.Locks.AcquireAsync(LockRequest.All(several, several + "2"), Patience, Cancelled);
        await gone.DisposeAsync();

        await using var one = await Bob.Locks.AcquireAsync(shared, Patience, Cancelled);
        await using var two = await Bob.Locks.AcquireAsync(
            LockRequest.Semaphore(semaphore, 1), Patience, Cancelled);
        await using var three = await Bob.Locks.AcquireAsync(several + "2", Patience, Cancelled);
    }

    private async Task<List<NamespaceDescription>> NamespaceAsync(string name)
    {
        var found = new List<NamespaceDescription>();
        await foreach (var one in Bob.Locks.ListNamespacesAsync(Cancelled))
        {
            if (one.Namespace == name)
            {
                found.Add(one);
            }
        }
        return found;
    }

    private static async Task LostAsync(ILockHandle handle)
    {
        var lost = new TaskCompletionSource();
        await using var registration = handle.Lost.Register(lost.SetResult);
        await lost.Task.WaitAsync(Patience, TimeProvider.System, Cancelled);
        handle.IsLost.ShouldBeTrue();
    }

    private async Task<IReadOnlyList<Deadlock>> NamedAsync(params string[] names) =>
        [.. (await Bob.Locks.FindDeadlocksAsync(Cancelled)).Circles
            .Where(circle => circle.Waits.Any(wait => names.Contains(wait.Name)))];

    /// <summary>A flow of its own, as another process' is; it waits where it holds.</summary>
    private static async Task<OtherFlow> HeldByAnotherFlowAsync(MusterClient client, string name)
    {
        var (held, wanted) = (new TaskCompletionSource<ILockHandle>(), new TaskCompletionSource<string>());
        Task<ILockHandle> got;
        using (ExecutionContext.SuppressFlow())
        {
            got = Task.Run(async () =>
            {
                held.SetResult(await client.Locks.AcquireAsync(name, Patience));
                return await client.Locks.AcquireAsync(await wanted.Task, Patience);
            });
        }
        return new OtherFlow(await held.Task, wanted, got);
    }

    private sealed record OtherFlow(
        ILockHandle Handle, TaskCompletionSource<string> Wanted, Task<ILockHandle> Got) : IAsyncDisposable
    {
        public Task<ILockHandle> WaitFor(string name)
        {
            Wanted.SetResult(name);
            return Got;
        }

        public ValueTask DisposeAsync() => Handle.DisposeAsync();
    }
}

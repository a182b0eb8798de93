using Muster.Client;
using Muster.Contracts.Lock;
using Muster.Locking;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Locks;

/// <summary>Several names at once that lie in several groups.</summary>
public sealed class AcrossGroupsTests(FourGroups cluster) : Suite, IClassFixture<FourGroups>
{
    protected override Task<MusterClient> ConnectAsync(string owner) =>
        Task.FromResult(cluster.NewClient(owner));

    /// <summary>Also by a client that has not heard of the groups yet.</summary>
    [Fact]
    public async Task Each_group_s_token_fences_its_names_and_one_end_is_the_end_of_all()
    {
        var names = NamesOfTwoGroups();
        await using var all = await Ann.Locks.AcquireAsync(LockRequest.All(names), Patience, Cancelled);

        all.Names.ShouldBe(names.Order(StringComparer.Ordinal));
        Should.Throw<InvalidOperationException>(() => all.FencingToken);
        Should.Throw<ArgumentException>(() => all.FencingTokenOf("another"));
        foreach (var name in names)
        {
            var described = await Bob.Locks.DescribeAsync(name, Cancelled);
            described.Holders.ShouldHaveSingleItem().FencingToken.ShouldBe(all.FencingTokenOf(name));
        }
        var lost = new TaskCompletionSource();
        await using var registration = all.Lost.Register(lost.SetResult);
        await Bob.Locks.BreakAsync(names[1], "test", Cancelled);
        await lost.Task.WaitAsync(Patience, TimeProvider.System, Cancelled);
        all.IsLost.ShouldBeTrue();
        await all.DisposeAsync();
        await using var next = await Bob.Locks.TryAcquireAsync(names[0], Patience, Cancelled);
        next.ShouldNotBeNull();
    }

    [Fact]
    public async Task What_cannot_be_had_gives_the_others_back()
    {
        var names = NamesOfTwoGroups();
        await using var held = await Bob.Locks.AcquireAsync(names[^1], Patience, Cancelled);
        (await Ann.Locks.TryAcquireAsync(LockRequest.All(names), Moment, Cancelled)).ShouldBeNull();
        using var enough = new CancellationTokenSource();
        var waiting = Ann.Locks.AcquireAsync(LockRequest.All(names), null, enough.Token).AsTask();
        await WaitsAsync(names[^1]);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        await using var first = await Bob.Locks.TryAcquireAsync(names[0], Patience, Cancelled);
        first.ShouldNotBeNull();
    }

    [Fact]
    public async Task They_are_refused_where_one_group_was_asked_for_unless_they_share_a_tag()
    {
        var names = NamesOfTwoGroups();
        var refused = await Should.ThrowAsync<MusterRefusedException>(() => Ann.Locks.AcquireAsync(
            LockRequest.All(names).InOneGroup(), Patience, Cancelled).AsTask());
        refused.Reason.ShouldBe(LockRefusal.WrongGroup);
        await using var tagged = await Ann.Locks.AcquireAsync(
            LockRequest.All("{" + names[0] + "}a", "b{" + names[0] + "}").InOneGroup(), Patience, Cancelled);
        tagged.FencingToken.ShouldBe(tagged.FencingTokenOf("b{" + names[0] + "}"));
    }

    /// <summary>In the order of their groups.</summary>
    private static string[] NamesOfTwoGroups()
    {
        var first = NewName("across");
        var other = Enumerable.Range(0, int.MaxValue).Select(number => $"{first}/{number}")
            .First(name => GroupOf(name) != GroupOf(first));
        return [.. new[] { first, other }.OrderBy(GroupOf)];
    }

    private static int GroupOf(string name) => Muster.Contracts.Lock.LockGroups.OfLock(name, 4);
}

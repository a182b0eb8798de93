using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Fencing.Tests.Stores;

/// <summary>What holds for every store of fences.</summary>
public abstract class FenceStoreTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The same fences each time, which nobody has used; over a connection of its own.</summary>
    protected abstract Task<IFenceStore> OpenAsync();

    [Fact]
    public async Task A_fence_only_rises()
    {
        var store = await OpenAsync();
        foreach (var (token, newest) in new[] { (5, 5), (5, 5), (6, 6), (5, 6), (1, 6), (6, 6), (10, 10) })
        {
            (await store.RaiseAsync("orders", new FencingToken(token), Stop)).Value.ShouldBe(newest);
        }
    }

    [Fact]
    public async Task An_old_holder_is_told_what_it_is_behind()
    {
        var store = await OpenAsync();
        await store.GuardAsync("orders", new FencingToken(5), Stop);
        await store.GuardAsync("orders", new FencingToken(8), Stop);
        await store.GuardAsync("orders", new FencingToken(8), Stop);

        var stale = await Should.ThrowAsync<StaleFencingTokenException>(
            async () => await store.GuardAsync("orders", new FencingToken(5), Stop));

        (stale.Resource, stale.Token.Value, stale.Newest.Value).ShouldBe(("orders", 5, 8));
        await store.GuardAsync("orders", new FencingToken(8), Stop);
    }

    [Fact]
    public async Task Resources_have_fences_of_their_own()
    {
        var store = await OpenAsync();
        string[] resources =
        [
            "a", "A", "a ", "ä", "{a}", "{a}b", "b{a}", "a'; DROP", "\ufffd", "\ud83d\ude00",
            new string('r', 512),
        ];
        for (var number = 0; number < resources.Length; number++)
        {
            var token = new FencingToken(100 - number);
            (await store.RaiseAsync(resources[number], token, Stop)).ShouldBe(token, resources[number]);
        }
    }

    [Fact]
    public async Task The_greatest_tokens_are_told_apart()
    {
        var store = await OpenAsync();
        var greatest = new FencingToken(FencingToken.MaxValue);
        (await store.RaiseAsync("orders", greatest, Stop)).ShouldBe(greatest);
        (await store.RaiseAsync("orders", new FencingToken(greatest.Value - 1), Stop)).ShouldBe(greatest);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("a\nb", 1)]
    [InlineData("orders", 0)]
    [InlineData("orders", -1)]
    [InlineData("orders", FencingToken.MaxValue + 1)]
    public async Task What_is_no_resource_or_token_is_refused(string resource, long token)
    {
        var store = await OpenAsync();
        await Should.ThrowAsync<ArgumentException>(
            async () => await store.RaiseAsync(resource, new FencingToken(token), Stop));
    }

    /// <summary>In UTF-8 both halves are one replacement character: two resources would be one.</summary>
    [Fact]
    public async Task Half_of_a_surrogate_pair_is_no_text()
    {
        var store = await OpenAsync();
        foreach (var resource in new[] { "x\ud800", "x\ud801", "\udc00x", "\ude00\ud83d" })
        {
            await Should.ThrowAsync<ArgumentException>(
                async () => await store.RaiseAsync(resource, new FencingToken(1), Stop));
        }
    }

    [Fact]
    public async Task A_resource_of_513_characters_is_refused()
    {
        var store = await OpenAsync();
        await Should.ThrowAsync<ArgumentException>(
            async () => await store.RaiseAsync(new string('r', 513), new FencingToken(1), Stop));
    }

    [Fact]
    public Task Of_tokens_shown_at_once_no_lower_one_passes_after_a_higher_one() =>
        Interleaving.CheckAsync(async () =>
        {
            var store = await OpenAsync();
            return async token => await store.RaiseAsync("orders", token, Stop) == token;
        });
}

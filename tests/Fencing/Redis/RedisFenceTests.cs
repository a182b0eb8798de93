using Muster.Broker;
using Muster.Contracts;
using Shouldly;
using StackExchange.Redis;
using Xunit;

namespace Muster.Fencing.Tests.Redis;

public sealed class RedisFenceTests(RedisFixture fixture) : IAsyncDisposable
{
    /// <summary>Near 2^53, where Lua's own texts of numbers lose digits.</summary>
    private static readonly FencingToken Old = new(FencingToken.MaxValue - 2);
    private static readonly FencingToken New = new(FencingToken.MaxValue - 1);

    private readonly string _resource = $"orders{Guid.NewGuid():N}";
    private readonly List<ConnectionMultiplexer> _open = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RedisKey Key => $"data:{{{_resource}}}";

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_old_holder_that_wakes_up_sets_deletes_and_runs_nothing()
    {
        var redis = await OpenAsync();
        var (old, successor) = (new RedisFence(redis), new RedisFence(await OpenAsync()));
        await old.SetAsync(_resource, Old, Key, "old", cancellationToken: Stop);
        await successor.SetAsync(_resource, New, Key, "new", cancellationToken: Stop);

        var stale = await Should.ThrowAsync<StaleFencingTokenException>(
            () => old.SetAsync(_resource, Old, Key, "old", cancellationToken: Stop));
        (stale.Resource, stale.Token, stale.Newest).ShouldBe((_resource, Old, New));
        await Should.ThrowAsync<StaleFencingTokenException>(
            () => old.DeleteAsync(_resource, Old, Key, Stop));
        await Should.ThrowAsync<StaleFencingTokenException>(
            () => old.ExecuteAsync(_resource, Old, "return redis.call('DEL', KEYS[1])", [Key], [], Stop));

        ((string?)await redis.StringGetAsync(Key)).ShouldBe("new");
        await successor.SetAsync(_resource, New, Key, "newer", cancellationToken: Stop);
        ((string?)await redis.StringGetAsync(Key)).ShouldBe("newer");
    }

    [Fact]
    public async Task What_is_deleted_stays_fenced()
    {
        var redis = await OpenAsync();
        var fence = new RedisFence(redis);
        (await fence.DeleteAsync(_resource, New, Key, Stop)).ShouldBeFalse();
        await fence.SetAsync(_resource, New, Key, "new", cancellationToken: Stop);
        (await fence.DeleteAsync(_resource, New, Key, Stop)).ShouldBeTrue();

        await Should.ThrowAsync<StaleFencingTokenException>(
            () => fence.SetAsync(_resource, Old, Key, "old", cancellationToken: Stop));
        (await redis.KeyExistsAsync(Key)).ShouldBeFalse();
        (await redis.KeyTimeToLiveAsync(fence.KeyOf(_resource))).ShouldBeNull();
        ((string?)await redis.StringGetAsync(fence.KeyOf(_resource))).ShouldBe(New.ToString());
    }

    [Fact]
    public async Task A_value_may_expire_and_its_fence_does_not()
    {
        var redis = await OpenAsync();
        var fence = new RedisFence(redis);
        await fence.SetAsync(_resource, New, Key, "new", TimeSpan.FromMinutes(1), Stop);

        (await redis.KeyTimeToLiveAsync(Key)).ShouldNotBeNull().ShouldBeInRange(
            TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        (await redis.KeyTimeToLiveAsync(fence.KeyOf(_resource))).ShouldBeNull();
        await Should.ThrowAsync<ArgumentException>(
            () => fence.SetAsync(_resource, New, Key, "new", TimeSpan.Zero, Stop));
    }

    [Fact]
    public async Task A_script_finds_its_own_keys_and_arguments_and_what_it_returns_comes_back()
    {
        var fence = new RedisFence(await OpenAsync());
        const string Script = "local newest = 7 return {#KEYS, #ARGV, KEYS[1], ARGV[2], newest, false}";

        var result = await fence.ExecuteAsync(_resource, New, Script, [Key], ["a", "b"], Stop);

        ((string[])((RedisResult[])result!)[..5].Select(part => (string)part!).ToArray())
            .ShouldBe(["1", "2", (string)Key!, "b", "7"]);
        (await fence.ExecuteAsync(_resource, New, "return nil", [], [], Stop)).IsNull.ShouldBeTrue();
    }

    [Fact]
    public async Task A_script_that_fails_is_no_stale_token()
    {
        var redis = await OpenAsync();
        var fence = new RedisFence(redis);
        foreach (var script in new[] { "return redis.error_reply('NO way')", "error('no way')", "no way" })
        {
            var failed = await Should.ThrowAsync<RedisServerException>(
                () => fence.ExecuteAsync(_resource, New, script, [], [], Stop));
            failed.Message.ShouldNotStartWith("STALE");
        }
    }

    [Fact]
    public async Task A_fence_that_is_no_number_lets_nobody_pass()
    {
        var redis = await OpenAsync();
        var fence = new RedisFence(redis);
        await redis.StringSetAsync(fence.KeyOf(_resource), "garbage");

        await Should.ThrowAsync<RedisServerException>(
            () => fence.SetAsync(_resource, New, Key, "new", cancellationToken: Stop));
        (await redis.KeyExistsAsync(Key)).ShouldBeFalse();
    }

    [Fact]
    public async Task Holders_that_write_at_once_are_in_the_ledger_in_the_order_of_their_tokens()
    {
        const string Push = "return redis.call('RPUSH', KEYS[1], ARGV[1])";
        await Interleaving.CheckAsync(async () =>
        {
            var fence = new RedisFence(await OpenAsync());
            return async token =>
            {
                try
                {
                    await fence.ExecuteAsync(_resource, token, Push, [Key], [token.Value], Stop);
                    return true;
                }
                catch (StaleFencingTokenException)
                {
                    return false;
                }
            };
        });

        var tokens = (await (await OpenAsync()).ListRangeAsync(Key)).Select(token => (long)token).ToList();
        tokens.ShouldBe(tokens.Order());
    }

    [Theory]
    [InlineData("orders", "p:{orders}")]
    [InlineData("a{tag}b", "p:tagged:a{tag}b")]
    [InlineData("{tag}", "p:tagged:{tag}")]
    [InlineData("tag", "p:{tag}")]
    [InlineData("{}", "p:{{}}")]
    public async Task A_fence_shares_its_hash_tag_with_the_resource(string resource, string key) =>
        new RedisFence(await OpenAsync(), "p:").KeyOf(resource).ShouldBe((RedisKey)key);

    [Fact]
    public async Task A_prefix_with_a_hash_tag_of_its_own_is_refused()
    {
        var redis = await OpenAsync();
        Should.Throw<ArgumentException>(() => new RedisFence(redis, "{p}:"));
    }

    private async Task<IDatabase> OpenAsync()
    {
        var redis = await fixture.SharedAsync();
        var connection = await ConnectionMultiplexer.ConnectAsync(redis.Connection);
        lock (_open)
        {
            _open.Add(connection);
        }
        return connection.GetDatabase();
    }
}

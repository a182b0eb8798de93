using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Views.Tests;

/// <summary>
/// Redis stopped, flushed, slow, read-only or never there: no exception, no hang, and back by itself.
/// </summary>
public sealed class RedisFaultTests(RedisFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    /// <summary>For the time-out itself, and for two busy cores.</summary>
    private static readonly TimeSpan NoHang = TimeSpan.FromSeconds(2);

    private readonly List<RedisServiceViews> _open = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var views in _open)
        {
            await views.DisposeAsync();
        }
    }

    /// <summary>Whoever may write to Redis may write anything; the bus is asked then.</summary>
    [Theory]
    [InlineData("{}", "abc")]
    [InlineData("{", "60000")]
    [InlineData("{}", "60000")]
    [InlineData("""{"service":"web","epoch":1,"index":1,"instances":[]}""", "9223372036854775807")]
    [InlineData("""{"service":"web","epoch":1,"index":1,"instances":[null]}""", "60000")]
    public async Task A_view_that_somebody_spoilt_is_none(string view, string ttl)
    {
        var redis = await fixture.ControllableAsync();
        var cluster = RedisConnections.NewCluster();
        await using var views = await RedisConnections.OpenAsync(redis, cluster);
        var key = $"muster:{{{cluster}}}:view:web";
        await redis.CommandAsync("HSET", key, "view", view, "ttl", ttl);
        await redis.CommandAsync("PEXPIRE", key, "60000");

        (await views.ReadAsync("web", Stop)).ShouldBeNull();
    }

    /// <summary>Neither closes the gate for the other views.</summary>
    [Fact]
    public async Task A_key_of_another_type_is_no_view_and_is_replaced()
    {
        var redis = await fixture.ControllableAsync();
        var cluster = RedisConnections.NewCluster();
        await using var views = await RedisConnections.OpenAsync(redis, cluster);
        await redis.CommandAsync("SET", $"muster:{{{cluster}}}:view:web", "x");

        (await views.ReadAsync("web", Stop)).ShouldBeNull();
        views.IsAvailable.ShouldBeTrue();
        await WriteAsync(views, 1);
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull().View.Index.Value.ShouldBe(1);
    }

    /// <summary>More than all of its life is left: Redis' clock was put back.</summary>
    [Fact]
    public async Task A_view_whose_age_nobody_knows_is_none_until_it_is_confirmed()
    {
        var redis = await fixture.ControllableAsync();
        var cluster = RedisConnections.NewCluster();
        await using var views = await RedisConnections.OpenAsync(redis, cluster);
        await WriteAsync(views, 1);
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull();

        var longer = ((long)Sample.Ttl.TotalMilliseconds + 10_000).ToString(CultureInfo.InvariantCulture);
        await redis.CommandAsync("PEXPIRE", $"muster:{{{cluster}}}:view:web", longer);

        (await views.ReadAsync("web", Stop)).ShouldBeNull();
        await WriteAsync(views, 1); // the same version, confirmed
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull().Age
            .ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_stopped_Redis_fails_calls_at_once_and_is_used_again_when_it_is_back()
    {
        var redis = await fixture.ControllableAsync();
        var views = await OpenAsync(redis);
        using var heard = new Heard(views);
        await WriteAsync(views, 1);

        await redis.StopAsync();
        (await TimedAsync(() => views.ReadAsync("web", Stop))).ShouldBeNull();
        (await TimedAsync(() => views.WriteAsync(Sample.View(1, 2), Sample.Ttl, TimeSpan.Zero, Stop)))
            .ShouldBeFalse();
        views.IsAvailable.ShouldBeFalse();
        await TimedAsync(async () =>
        {
            for (var call = 0; call < 1_000; call++)
            {
                (await views.ReadAsync("web", Stop)).ShouldBeNull();
            }
            return true;
        });
        await TimedAsync(async () =>
        {
            await views.AnnounceAsync(Sample.Told(1, 1, 1, "web"), Stop);
            return true;
        });
        await Until.TrueAsync(() => heard.Lines.Contains("gap"), "the loss is no gap");

        await redis.StartAsync();
        await WriteAsync(views, 3);
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull().View.Index.Value.ShouldBe(3);
        await Until.TrueAsync(() => views.IsAvailable, "stays unavailable");
        heard.Clear();
        await Until.TrueAsync(
            async () =>
            {
                await views.AnnounceAsync(Sample.Told(1, 5, 5, "web"), Stop);
                return heard.Lines.Contains("1: 5..5 web");
            },
            "the subscription is not back");
    }

    [Fact]
    public async Task A_flushed_Redis_knows_no_view_until_one_is_written()
    {
        var redis = await fixture.ControllableAsync();
        var views = await OpenAsync(redis);
        await WriteAsync(views, 9);
        await redis.CommandAsync("FLUSHALL");
        await redis.CommandAsync("SCRIPT", "FLUSH");
        (await views.ReadAsync("web", Stop)).ShouldBeNull();
        await WriteAsync(views, 9);
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull().View.Index.Value.ShouldBe(9);
    }

    [Fact]
    public async Task A_Redis_that_stands_still_costs_one_time_out()
    {
        var redis = await fixture.ControllableAsync();
        var views = await OpenAsync(redis);
        await WriteAsync(views, 1);
        await redis.CommandAsync("CLIENT", "PAUSE", "20000", "ALL");
        try
        {
            (await TimedAsync(() => views.ReadAsync("web", Stop))).ShouldBeNull();
            (await TimedAsync(() => views.WriteAsync(Sample.View(1, 2), Sample.Ttl, TimeSpan.Zero, Stop)))
                .ShouldBeFalse();
            views.IsAvailable.ShouldBeFalse();
            await TimedAsync(async () =>
            {
                for (var call = 0; call < 100; call++)
                {
                    (await views.ReadAsync("web", Stop)).ShouldBeNull();
                }
                return true;
            });
        }
        finally
        {
            await redis.CommandAsync("CLIENT", "UNPAUSE");
        }
        await WriteAsync(views, 3);
        await Until.TrueAsync(
            async () => await views.ReadAsync("web", Stop) is { View.Index.Value: 3 }, "not read again");
    }

    [Fact]
    public async Task A_read_only_Redis_answers_reads_and_takes_no_writes()
    {
        var redis = await fixture.ControllableAsync();
        var views = await OpenAsync(redis);
        await WriteAsync(views, 1);
        await redis.CommandAsync("REPLICAOF", "127.0.0.1", "1"); // nobody is there: it keeps what it has
        try
        {
            await Until.TrueAsync(
                async () => !await views.WriteAsync(Sample.View(1, 2), Sample.Ttl, TimeSpan.Zero, Stop),
                "it still takes writes");
            await TimedAsync(() => views.WriteAsync(Sample.View(1, 2), Sample.Ttl, TimeSpan.Zero, Stop));
            (await TimedAsync(() => views.ReadAsync("web", Stop)))
                .ShouldNotBeNull().View.Index.Value.ShouldBe(1);
        }
        finally
        {
            await redis.CommandAsync("REPLICAOF", "NO", "ONE");
        }
        await WriteAsync(views, 3);
    }

    [Fact]
    public async Task A_Redis_that_was_never_there_hangs_nobody_and_is_found_when_it_comes()
    {
        var redis = await fixture.ControllableAsync();
        await redis.StopAsync();
        await using var views = new RedisServiceViews(
            new RedisOptions { Connection = redis.Connection, RetryAfter = TimeSpan.FromMilliseconds(100) },
            RedisConnections.NewCluster(), TimeProvider.System, NullLogger<RedisServiceViews>.Instance);
        (await TimedAsync(() => views.ReadAsync("web", Stop))).ShouldBeNull();
        views.IsAvailable.ShouldBeFalse();
        await redis.StartAsync();
        await WriteAsync(views, 1);
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_no_view_counts_as_none()
    {
        var redis = await fixture.ControllableAsync();
        var cluster = RedisConnections.NewCluster();
        var views = await RedisConnections.OpenAsync(redis, cluster);
        _open.Add(views);
        var key = $"muster:{{{cluster}}}:view:";
        await redis.CommandAsync("HSET", key + "web", "view", "no json", "ttl", "1000", "epoch", "1");
        await redis.CommandAsync("EXPIRE", key + "web", "100");
        (await views.ReadAsync("web", Stop)).ShouldBeNull();
        await WriteAsync(views, 1); // without an index it is no version
        await redis.CommandAsync("PERSIST", key + "web");
        (await views.ReadAsync("web", Stop)).ShouldBeNull(); // of no known age
        await WriteAsync(views, 1);
        (await views.ReadAsync("web", Stop)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_call_that_its_caller_gave_up_ends_at_once()
    {
        var redis = await fixture.ControllableAsync();
        var views = await OpenAsync(redis);
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(
            async () => await views.ReadAsync("web", given.Token));
        views.IsAvailable.ShouldBeTrue();
    }

    private async Task<RedisServiceViews> OpenAsync(IRedis redis)
    {
        var views = await RedisConnections.OpenAsync(redis, RedisConnections.NewCluster(), Timeout);
        _open.Add(views);
        return views;
    }

    /// <summary>Again until it is taken.</summary>
    private static Task WriteAsync(RedisServiceViews views, long index) => Until.TrueAsync(
        async () => await views.WriteAsync(Sample.View(1, index), Sample.Ttl, TimeSpan.Zero, Stop),
        "no write succeeds");

    private static async Task<T> TimedAsync<T>(Func<ValueTask<T>> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        var result = await call();
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(NoHang);
        return result;
    }
}

using Muster.Broker;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Wire;

/// <summary>Bad input over the wire: a refusal with a reason code, and nothing changed.</summary>
public sealed class RefusalTests(BrokerFixture brokers, SharedCluster shared) : IAsyncLifetime
{
    private const string Name = "refusals/held";

    private BareClient _bare = null!;
    private int _commands;

    public static TheoryData<string, string> BadNames() => new()
    {
        { "empty", "" },
        { "257 bytes", new string('n', 257) },
        { "129 characters of two bytes", new string('ä', 129) },
        { "a control character", "a\nb" },
    };

    public async ValueTask InitializeAsync()
    {
        _bare = await BareClient.ConnectAsync(await shared.WholeAsync(brokers));
        (await _bare.AskAsync(
            new OpenSession { CommandId = Next(), SessionId = _bare.SessionId })).Read<SessionOpened>();
    }

    public async ValueTask DisposeAsync()
    {
        (await _bare.AskAsync(
            new CloseSession { CommandId = Next(), SessionId = _bare.SessionId })).Read<SessionClosed>();
        await _bare.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(BadNames))]
    public async Task A_bad_name(string what, string name) =>
        await RefusedAsync(
            new AcquireLock { CommandId = Next(), SessionId = _bare.SessionId, Name = name },
            LockRefusal.NameInvalid, what);

    [Theory]
    [InlineData(999)]
    [InlineData(86_400_001)]
    [InlineData(-1)]
    public async Task A_TTL_out_of_range(long ttl)
    {
        var session = $"ttl-{Guid.NewGuid():N}";

        await RefusedAsync(
            new OpenSession { CommandId = Next(), SessionId = session, TtlMilliseconds = ttl },
            LockRefusal.TtlOutOfRange);

        await RefusedAsync(
            new AcquireLock { CommandId = Next(), SessionId = session, Name = Name },
            LockRefusal.SessionUnknown);
    }

    [Fact]
    public async Task An_unknown_session()
    {
        await RefusedAsync(
            new AcquireLock { CommandId = Next(), SessionId = "nobody", Name = Name },
            LockRefusal.SessionUnknown);
        await RefusedAsync(
            new CloseSession { CommandId = Next(), SessionId = "nobody" }, LockRefusal.SessionUnknown);
        (await DescribeAsync()).Holders.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_double_release()
    {
        var granted = await AcquireAsync();
        var release = new ReleaseLock
        {
            SessionId = _bare.SessionId,
            Name = Name,
            AcquireId = granted.CommandId,
            FencingToken = granted.FencingToken,
        };
        (await _bare.AskAsync(release with { CommandId = Next() })).Read<LockReleased>();

        await RefusedAsync(release with { CommandId = Next() }, LockRefusal.NotHeld);
    }

    [Fact]
    public async Task A_release_by_another_leaves_the_holder_alone()
    {
        var granted = await AcquireAsync();
        var other = $"other-{Guid.NewGuid():N}";
        (await _bare.AskAsync(
            new OpenSession { CommandId = Next(), SessionId = other })).Read<SessionOpened>();
        var release = new ReleaseLock
        {
            SessionId = other,
            Name = Name,
            AcquireId = granted.CommandId,
            FencingToken = granted.FencingToken,
        };

        await RefusedAsync(release with { CommandId = Next() }, LockRefusal.NotHolder);
        await RefusedAsync(
            release with
            {
                CommandId = Next(),
                SessionId = _bare.SessionId,
                FencingToken = new FencingToken(granted.FencingToken.Value + 1),
            },
            LockRefusal.NotHolder);

        var holder = (await DescribeAsync()).Holders.ShouldHaveSingleItem();
        (holder.SessionId, holder.FencingToken).ShouldBe((_bare.SessionId, granted.FencingToken));
    }

    [Fact]
    public async Task A_held_lock_without_a_wait()
    {
        await AcquireAsync();

        await RefusedAsync(
            new AcquireLock { CommandId = Next(), SessionId = _bare.SessionId, Name = Name },
            LockRefusal.LockBusy);

        (await DescribeAsync()).WaiterCount.ShouldBe(0);
    }

    private string Next() => $"{_bare.SessionId}-{++_commands}";

    private async Task<LockGranted> AcquireAsync() =>
        (await _bare.AskAsync(
            new AcquireLock { CommandId = Next(), SessionId = _bare.SessionId, Name = Name }))
        .Read<LockGranted>();

    private async Task<LockDescription> DescribeAsync() =>
        (await _bare.AskAsync(new DescribeLock { CommandId = Next(), Name = Name })).Read<LockDescription>();

    private async Task RefusedAsync<T>(T command, LockRefusal reason, string? what = null) where T : class
    {
        var refused = (await _bare.AskAsync(command)).Read<LockRefused>();
        refused.Reason.ShouldBe(reason, what);
        refused.Message.ShouldNotBeEmpty();
    }
}

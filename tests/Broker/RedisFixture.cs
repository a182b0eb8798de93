using Xunit;

namespace Muster.Broker;

/// <summary>
/// The Redis of one test assembly, as an assembly fixture: one shared by all its tests, started when first
/// asked for, and one that may be stopped and broken, which is the same when the tests own it. Put right
/// before each test that asks, removed at the end.
/// </summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private IRedis? _shared;
    private IRedis? _controllable;

    /// <summary>Use it under a cluster name of the test's own.</summary>
    public async Task<IRedis> SharedAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _shared ??= await RedisChoice.StartSharedAsync();
            await _shared.RestoreAsync();
            return _shared;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// A Redis that may be stopped and broken. Skips the test, with the reason, when the environment names
    /// one and none can be started beside it.
    /// </summary>
    public async Task<IRedis> ControllableAsync()
    {
        if (!RedisChoice.IsNamed)
        {
            return await SharedAsync();
        }
        Assert.SkipUnless(
            RedisChoice.CanStartOwn,
            $"{RedisChoice.NamedVariable} must not be stopped, and no other Redis can be started.");
        await _gate.WaitAsync();
        try
        {
            _controllable ??= await RedisChoice.StartOwnAsync();
            await _controllable.RestoreAsync();
            return _controllable;
        }
        finally
        {
            _gate.Release();
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var redis in new[] { _shared, _controllable }.OfType<IRedis>())
        {
            await redis.DisposeAsync();
        }
        _gate.Dispose();
    }
}

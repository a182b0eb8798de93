using System.Globalization;
using Xunit;

namespace Muster.Broker;

/// <summary>
/// The brokers of one test assembly, as an assembly fixture: one shared by all its tests, started when first
/// asked for, and a test's own ones. Whatever a test forgets or breaks is put right before the next and
/// removed at the end.
/// </summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly List<IBroker> _own = [];
    private IBroker? _shared;
    private IBroker? _controllable;
    private int _clusters;

    /// <summary>The broker most tests share; running and not blocked when handed out.</summary>
    public Task<IBroker> SharedAsync() => GuardedAsync(async () =>
    {
        _shared ??= await BrokerChoice.StartSharedAsync();
        await RestoreAsync(_shared);
        return _shared;
    });

    /// <summary>
    /// A broker that may be stopped and blocked: the shared one when the tests own it. Skips the test, with
    /// the reason, when the environment names a broker and none can be started beside it.
    /// </summary>
    public async Task<IBroker> ControllableAsync()
    {
        var shared = await SharedAsync();
        if (shared.CanControl)
        {
            return shared;
        }
        SkipUnlessOwnPossible();
        return await GuardedAsync(async () =>
        {
            _controllable ??= await StartTrackedAsync(new BrokerOptions());
            await RestoreAsync(_controllable);
            return _controllable;
        });
    }

    /// <summary>
    /// Starts a broker for this test alone, or skips as <see cref="ControllableAsync"/> does. Takes some
    /// seconds.
    /// </summary>
    public Task<IBroker> StartOwnAsync(BrokerOptions options)
    {
        SkipUnlessOwnPossible();
        return GuardedAsync(() => StartTrackedAsync(options));
    }

    /// <summary>A cluster name nobody has used on the shared broker, also not another run.</summary>
    public string NewCluster()
    {
        var number = Interlocked.Increment(ref _clusters).ToString(CultureInfo.InvariantCulture);
        return $"t{Guid.NewGuid():N}"[..9] + "-" + number;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _own)
        {
            await broker.DisposeAsync();
        }
        if (_shared is not null)
        {
            await _shared.DisposeAsync();
        }
        _gate.Dispose();
    }

    private static void SkipUnlessOwnPossible()
    {
        if (Environment.GetEnvironmentVariable(BrokerChoice.NamedVariable) is { Length: > 0 })
        {
            Assert.SkipUnless(
                BrokerChoice.CanStartOwn,
                $"{BrokerChoice.NamedVariable} must not be stopped, and no other broker can be started.");
        }
    }

    private static async Task RestoreAsync(IBroker broker)
    {
        if (broker is ControllableBroker controllable)
        {
            await controllable.RestoreAsync();
        }
    }

    private async Task<IBroker> StartTrackedAsync(BrokerOptions options)
    {
        var broker = await BrokerChoice.StartOwnAsync(options);
        _own.Add(broker);
        return broker;
    }

    private async Task<IBroker> GuardedAsync(Func<Task<IBroker>> give)
    {
        await _gate.WaitAsync();
        try
        {
            return await give();
        }
        finally
        {
            _gate.Release();
        }
    }
}

using Muster.Contracts.Lock;
using Muster.Views;

namespace Muster.Client.Tests.Doubles;

/// <summary>A client on fake time, a fake link and a double of the service.</summary>
internal sealed class ClientUnderTest : IAsyncDisposable
{
    public ClientUnderTest(
        Action<MusterOptions>? configure = null, bool startUp = true, IServiceViews? views = null)
    {
        Links = new FakeLinks { StartUp = startUp };
        Service = new LockServiceDouble(Links);
        Registry = new RegistryDouble(Links);
        Recovery = new RecoveryDouble(Links);
        var options = new MusterOptions { Owner = "test", Node = "n1", HeartbeatInterval = TimeSpan.Zero };
        configure?.Invoke(options);
        Client = new MusterClient(options, Links, Time, views: views);
    }

    public TwoClocks Time { get; } = new();

    public FakeLinks Links { get; }

    public FakeLink Link => Links.Link;

    public LockServiceDouble Service { get; }

    public RegistryDouble Registry { get; }

    public RecoveryDouble Recovery { get; }

    public MusterClient Client { get; }

    public IServices Services => Client.Services;

    public IConfig Config => Client.Config;

    public IElections Elections => Client.Elections;

    public IStandbys Standbys => Client.Standbys;

    public IDecisions Decisions => Client.Decisions;

    public ILocks Locks => Client.Locks;

    public IReadOnlyList<LockCommandBatch> Batches =>
        [.. Link.Published.Select(published => published.Message).OfType<LockCommandBatch>()];

    /// <summary>
    /// Starts an acquire; everything that needs no answer from outside has happened when this returns.
    /// </summary>
    public Task<ILockHandle> Acquire(string name, double? seconds = null) =>
        Locks.AcquireAsync(name, seconds is { } wait ? TimeSpan.FromSeconds(wait) : null).AsTask();

    public Task<ILockHandle> Acquire(string name, CancellationTokenSource cancellation) =>
        Locks.AcquireAsync(name, null, cancellation.Token).AsTask();

    public Task<ILockHandle?> TryAcquire(string name, double seconds = 0) =>
        Locks.TryAcquireAsync(name, TimeSpan.FromSeconds(seconds)).AsTask();

    public Task<LockDescription> Describe(string name) => Locks.DescribeAsync(name).AsTask();

    public Task<IRegistration> RegisterAsync(string service, double ttl = 15) => Services.RegisterAsync(
        new ServiceRegistration { Service = service, Host = "h", Ttl = TimeSpan.FromSeconds(ttl) });

    public Task<ResolvedService> ResolveAsync(string service, ResolveOptions? options = null) =>
        Services.ResolveAsync(service, options).AsTask().Soon();

    /// <summary>
    /// Lets time pass as a running process sees it. A single jump is what a paused process sees.
    /// </summary>
    public void Pass(double seconds)
    {
        for (var left = TimeSpan.FromSeconds(seconds); left > TimeSpan.Zero;)
        {
            var step = left < TimeSpan.FromMilliseconds(10) ? left : TimeSpan.FromMilliseconds(10);
            Time.Advance(step);
            left -= step;
        }
    }

    /// <summary>
    /// Time goes on until the condition holds. For what another thread has begun: it may not have set its
    /// timer yet.
    /// </summary>
    public Task PassUntilAsync(Func<bool> isMet) => Waiting.UntilAsync(() =>
    {
        Pass(0.01);
        return isMet();
    });

    /// <summary>A session is open and nothing else is under way.</summary>
    public async Task OpenSessionAsync()
    {
        var handle = await Acquire("opening").Soon();
        await handle.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // The service answers again, so that closing waits for nothing.
        (Service.IsDeaf, Service.IsMute, Service.IsSlow) = (false, false, false);
        (Registry.IsDeaf, Registry.LosesAnswers, Recovery.IsDeaf) = (false, false, false);
        await Client.DisposeAsync();
    }
}

internal static class Waiting
{
    /// <summary>A bound on a test that hangs; nothing waits this long when it passes.</summary>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(10));

    public static Task Soon(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(10));

    public static Task Soon(this ValueTask task) => task.AsTask().Soon();

    /// <summary>Lets other threads run until a condition holds.</summary>
    public static async Task UntilAsync(Func<bool> isMet)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!isMet())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Done once the token is cancelled and its callbacks run.</summary>
    public static Task FiresAsync(this CancellationToken token)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(() => fired.TrySetResult());
        return fired.Task.Soon();
    }
}

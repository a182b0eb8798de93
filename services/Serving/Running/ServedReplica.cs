using Muster.Replication;

namespace Muster.Serving;

/// <summary>
/// One replica of a service: a machine kept up with its group's log, the queues it takes work from, and its
/// share of the outbox. Any number of them serve one group, in one process or in many.
/// </summary>
public sealed class ServedReplica<TCommand, TEffect>(ServedReplicaSetup<TCommand, TEffect> setup)
    : IServedReplica
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _serves = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lifetime = new();
    private Task _watching = Task.CompletedTask;
    private Task _serving = Task.CompletedTask;
    private Task _loops = Task.CompletedTask;
    private Task _beside = Task.CompletedTask;
    private Task? _disposal;
    private volatile string? _fault;

    public string Origin => setup.Origin;

    public ReplicaRuntime<TCommand, TEffect> Runtime => setup.Runtime;

    string Hosting.IHealthSource.Name => $"{setup.Service} {Origin}";

    bool Hosting.IHealthSource.IsReady =>
        _fault is null && Runtime.Status.IsHealthy && Runtime.IsLinkUp && setup.Link.IsUp;

    string Hosting.IHealthSource.Detail => Runtime.Status switch
    {
        { Fault: { } fault } => fault,
        _ when _fault is { } fault => fault,
        { View.Halt: { Length: > 0 } halt } => halt,
        { IsHealthy: false, View.ProtocolProblem: { Length: > 0 } problem } => problem,
        { IsLeaderKnown: false } => "knows no consensus leader",
        { View: { IsLeaderSilent: true } view } =>
            $"has not heard its consensus leader {view.Leader} for a while",
        { IsCaughtUp: false } => "catches up with the log",
        { IsInitialized: false } => "its group is not founded yet",
        _ when !setup.Link.IsUp || !Runtime.IsLinkUp => "not connected to the bus",
        { View: { SnapshotProblem: { Length: > 0 } problem } view } =>
            $"follows {view.Leader}, but {problem}",
        { View: { ProtocolProblem: { Length: > 0 } problem } view } =>
            $"follows {view.Leader}, but {problem}",
        { View: var view } when setup.Shortcoming() is { } lacking => $"follows {view.Leader}, but {lacking}",
        { View: var view } => $"follows {view.Leader}",
    };

    string Hosting.IStatusSource.Name => $"{setup.Service}.{Origin}";

    object Hosting.IStatusSource.Read() => Runtime.Status;

    IReadOnlyList<Hosting.Metric> Hosting.IMetricSource.Metrics => ReplicaMetrics.All;

    IEnumerable<Hosting.MetricReading> Hosting.IMetricSource.ReadMetrics() =>
        ReplicaMetrics.Of(Runtime.Status);

    /// <summary>Follows the log first and takes commands last, so that the first command finds a machine.
    /// Connects in the background: a replica without a bus runs, and says that it is not ready.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _beside = setup.Beside?.Invoke(_ended.Token) ?? Task.CompletedTask;
        _serving = ServeAsync(_stop.Token);
        _watching = WatchAsync(_stop.Token);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public ValueTask DisposeAsync()
    {
        lock (_lifetime)
        {
            _disposal ??= DisposeCoreAsync();
        }
        return new ValueTask(_disposal);
    }

    private async Task DisposeCoreAsync()
    {
        await _stop.CancelAsync();
        await setup.Link.DisposeAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Runtime.DisposeAsync();
        await _ended.CancelAsync();
        await _beside.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _ended.Dispose();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            var failing = FailAsync();
            await await Task.WhenAny(_serving, failing);
            await failing.WaitAsync(cancellationToken); // loops may end; the replica's fault still counts
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            _fault = failure.Message;
            // Left alone it would go on to take its share of commands and heartbeats, and do none of them.
            await setup.Link.DisposeAsync();
            var tell = failure is Hosting.StartRefusedException ? setup.OnRefused : null;
            (tell ?? setup.OnFault)(failure.Message);
        }
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        await Runtime.StartAsync(cancellationToken);
        await Runtime.CaughtUp.WaitAsync(cancellationToken);
        await setup.Prepare(cancellationToken);
        _serves.TrySetResult();
        await (setup.Open ?? setup.Link.StartAsync)(cancellationToken);
        var loops = setup.Loops.Select(loop => loop(cancellationToken)).ToList();
        _loops = Task.WhenAll(loops);
        await foreach (var ended in Task.WhenEach(loops))
        {
            await ended; // the first failure ends the replica, whatever the others do
        }
    }

    private async Task FailAsync() =>
        throw new InvalidOperationException(await await Task.WhenAny(Runtime.Faulted, HaltedAsync()));

    /// <summary>
    /// A replica that halts while it serves ends too: its link would go on to take commands that others can
    /// do. Started again it meets the same entry before it serves, and waits there for an operator; at the
    /// next one it ends again.
    /// </summary>
    private async Task<string> HaltedAsync()
    {
        await _serves.Task;
        return await Runtime.Halted;
    }
}

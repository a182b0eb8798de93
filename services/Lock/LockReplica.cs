using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Hosting;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Muster.Lock.Outcomes;
using Muster.Lock.Timers;
using Muster.Replication;
using Muster.Replication.Core;

namespace Muster.Lock;

/// <summary>
/// One replica of the lock service: a machine kept up with its group's log, the queues it takes
/// commands and heartbeats from, and its share of the outbox. Any number of them serve one
/// group, in one process or in many.
/// </summary>
public sealed class LockReplica : IHostedService, IAsyncDisposable, IHealthSource, IStatusSource
{
    private readonly LockLink _link;
    private readonly OutboxPublisher _publisher;
    private readonly GenesisProposer _genesis;
    private readonly Action<string> _onFault;
    private readonly CancellationTokenSource _stop = new();
    private readonly System.Threading.Lock _lifetime = new();
    private Task _background = Task.CompletedTask;
    private Task? _disposal;

    public LockReplica(
        LockServiceOptions options, ILinkFactory links, Func<IBusLink, IReplySender> replySenders,
        ILoggerFactory loggers, TimeProvider time, Action<string> onFault)
    {
        _onFault = onFault;
        Origin = $"{options.Replica}.{Guid.NewGuid().ToString("N")[..8]}";
        _link = new LockLink(Origin, links);
        var sender = replySenders(_link.Link);
        var pending = new PendingAnswers();
        var outcomes = new LockOutcomes(
            Origin, new LockReplies(sender), sender, pending, () => _publisher!.Signal());
        Runtime = new ReplicaRuntime<LockEntryCommand, LockEffect>(
            SetupOf(options, Origin, outcomes), links, time, loggers.CreateLogger<LockReplica>());
        _publisher = new OutboxPublisher(
            Origin, Runtime, _link.Link, sender, time, loggers.CreateLogger<OutboxPublisher>());
        _genesis = new GenesisProposer(options, Runtime, time);
        var replies = new LockReplies(sender);
        Intake = new LockIntake(Runtime, pending, replies);
        _link.Feed(
            new BatchConsumer(Intake, replies, loggers.CreateLogger<BatchConsumer>()),
            new HeartbeatConsumer(Intake, loggers.CreateLogger<HeartbeatConsumer>()));
    }

    /// <summary>This replica's incarnation: new at each start.</summary>
    public string Origin { get; }

    public LockIntake Intake { get; }

    public ReplicaRuntime<LockEntryCommand, LockEffect> Runtime { get; }

    string IHealthSource.Name => "lock " + Origin;

    bool IHealthSource.IsReady => Runtime.Status.IsHealthy && Runtime.IsLinkUp && _link.Link.IsUp;

    string IHealthSource.Detail => Runtime.Status switch
    {
        { Fault: { } fault } => fault,
        { IsLeaderKnown: false } => "knows no consensus leader",
        { IsCaughtUp: false } => "catches up with the log",
        _ when !_link.Link.IsUp || !Runtime.IsLinkUp => "not connected to the bus",
        { View: var view } => $"follows {view.Leader}",
    };

    string IStatusSource.Name => "lock." + Origin;

    object IStatusSource.Read() => Runtime.Status;

    /// <summary>Follows the log first and takes commands last, so that the first command finds a machine.
    /// Connects in the background: a replica without a bus runs, and says that it is not ready.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _background = RunAsync(_stop.Token);
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
        await _link.Link.DisposeAsync();
        await _background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Runtime.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await await Task.WhenAny(ServeAsync(cancellationToken), FailAsync());
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Left alone it would go on to take its share of commands and heartbeats, and do none of them.
            await _link.Link.DisposeAsync();
            _onFault(failure.Message);
        }
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        await Runtime.StartAsync(cancellationToken);
        await _genesis.RunAsync(cancellationToken);
        await _link.Link.StartAsync(cancellationToken);
        await _publisher.RunAsync(cancellationToken);
    }

    private async Task FailAsync() => throw new InvalidOperationException(await Runtime.Faulted);

    private static ReplicaSetup<LockEntryCommand, LockEffect> SetupOf(
        LockServiceOptions options, string origin, LockOutcomes outcomes) => new()
        {
            Options = new ReplicaOptions
            {
                Group = options.Group,
                Origin = origin,
                CommandTimeout = (long)options.CommandTimeout.TotalMilliseconds,
                SnapshotEveryEntries = options.SnapshotEveryEntries,
            },
            Machine = new LockMachine(),
            Encode = commands => LockEntryCodec.Write(new LockEntry { Commands = commands }),
            Sink = outcomes,
        };
}

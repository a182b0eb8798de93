using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Replication;

/// <summary>
/// Runs one replica: a link to the consensus nodes, and one loop that owns the core and the machine.
/// Everything reaches the loop through one bounded channel.
/// </summary>
public sealed class ReplicaRuntime<TCommand, TEffect> : IAsyncDisposable
{
    /// <summary>Room in the channel beside the commands, for messages and queries.</summary>
    private const int MessageCapacity = 16_384;

    private readonly ReplicaOptions _options;
    private readonly ILogger _logger;
    private readonly IBusLink _link;
    private readonly Channel<ReplicaWork> _work;
    private readonly ReplicaLoop<TCommand, TEffect> _loop;
    private Task _running = Task.CompletedTask;

    public ReplicaRuntime(
        ReplicaSetup<TCommand, TEffect> setup, ILinkFactory links, TimeProvider time, ILogger logger)
    {
        _options = setup.Options;
        _logger = logger;
        _work = Channel.CreateBounded<ReplicaWork>(
            new BoundedChannelOptions(_options.MaxPendingCommands + MessageCapacity) { SingleReader = true });
        _link = links.Create(new LinkOptions
        {
            Address = $"replica.{_options.Group}.{_options.Origin}",
            OnMessage = Receive,
            Subscriptions =
            [
                links.Names.Committed(_options.Group), links.Names.Exchange(typeof(RefuseEntry)),
            ],
            Publishes = [links.Names.AllConsensusNodes],
        });
        _loop = new ReplicaLoop<TCommand, TEffect>(
            setup, _work, send => ReplicaMessages.Send(_link, links.Names, send), time, logger);
        _link.Up += _ => Post(new Reconnected());
    }

    /// <summary>As of the last step; any thread.</summary>
    public ReplicaStatus Status => _loop.Status;

    public bool IsCaughtUp => Status.IsCaughtUp;

    /// <summary>What is applied now was committed a while ago: on the loop, for its sink.</summary>
    public bool AppliesLate => !(CaughtUp.IsCompleted && IsCaughtUp);

    /// <summary>
    /// Completes with the reason when the replica can go on no more; stopping it is no fault. Its owner must
    /// take no more work then: others could do it.
    /// </summary>
    public Task<string> Faulted => _loop.Turns.Faulted;

    /// <summary>Completes when the machine follows the log for the first time.</summary>
    public Task CaughtUp => _loop.Turns.CaughtUp;

    /// <summary>
    /// Completes with the reason when the replica has met an entry that it cannot apply. It goes on once an
    /// operator has refused that entry; until then it takes no command, and others could. While it is halted
    /// this is complete, and once it goes on it is another one, for the next such entry.
    /// </summary>
    public Task<string> Halted => _loop.Turns.Halted;

    public bool IsLinkUp => _link.IsUp;

    /// <summary>
    /// One that has ended is of whoever once started a loop or a timer, and not of the call.
    /// </summary>
    private static string? CurrentSpan =>
        Activity.Current is { Recorded: true, IsStopped: false, IdFormat: ActivityIdFormat.W3C } span
            ? span.Id
            : null;

    /// <summary>Starts the loop and returns once the link is up; the machine catches up afterwards.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(_loop.RunAsync, CancellationToken.None);
        return _link.StartAsync(cancellationToken);
    }

    /// <summary>Ends the loop; commands and reads without an answer are reported as unknown.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _work.Writer.TryComplete();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        _loop.Dispose();
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>
    /// Hands a command over; the sink tells what became of it. False, and nothing will happen: too many
    /// commands wait, or the replica has stopped. Thread-safe, never blocks. What consensus does for it is a
    /// part of the span that is current here, if that is recorded.
    /// </summary>
    public bool TrySubmit(TCommand command) => _loop.TrySubmit(command, CurrentSpan);

    /// <summary>
    /// A linearizable read: the query runs on the loop and sees every command acknowledged before this call.
    /// </summary>
    public Task<QueryAnswer<TResult>> ReadAsync<TMachine, TResult>(
        Func<TMachine, TResult> query, CancellationToken cancellationToken)
        where TMachine : IStateMachine<TEffect> =>
        AskAsync(query, isLinearizable: true, cancellationToken);

    /// <summary>
    /// Runs the query on the loop, on the machine as it is: it may lag behind, and be empty before the start
    /// is over.
    /// </summary>
    /// <exception cref="InvalidOperationException">The replica has stopped.</exception>
    public async Task<TResult> InspectAsync<TMachine, TResult>(
        Func<TMachine, TResult> query, CancellationToken cancellationToken)
        where TMachine : IStateMachine<TEffect>
    {
        var answer = await AskAsync(query, isLinearizable: false, cancellationToken).ConfigureAwait(false);
        return answer.IsKnown
            ? answer.Result!
            : throw new InvalidOperationException(
                $"Replica {_options.Origin} of {_options.Group} has stopped.");
    }

    private async Task<QueryAnswer<TResult>> AskAsync<TMachine, TResult>(
        Func<TMachine, TResult> query, bool isLinearizable, CancellationToken cancellationToken)
    {
        var question = new MachineQuery<TMachine, TResult>(query) { IsLinearizable = isLinearizable };
        try
        {
            await _work.Writer.WriteAsync(new QueryWork(question), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return default;
        }
        return await question.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>On the link's thread: parsing is done here, so that the loop only works.</summary>
    private void Receive(LinkMessage message)
    {
        try
        {
            if (ReplicaMessages.Read(message) is { } input)
            {
                Post(input);
            }
        }
        catch (JsonException exception)
        {
            _logger.Malformed(_options.Origin, _options.Group, message.Type, exception.Message);
        }
    }

    /// <summary>A full queue drops messages: what was in them is asked for again.</summary>
    private void Post(ReplicaInput input)
    {
        if (!_work.Writer.TryWrite(new InputWork(input)))
        {
            _loop.CountDropped();
        }
    }
}

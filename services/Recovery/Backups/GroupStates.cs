using System.Collections.Concurrent;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Recovery;

namespace Muster.Recovery.Backups;

/// <summary>What became of a request to a group's replicas: exactly one is set, or none in time.</summary>
public sealed record GroupAnswer<T>
    where T : class
{
    public T? Done { get; init; }

    public GroupStateRefused? Refused { get; init; }
}

/// <summary>
/// Asks the replicas of groups to give or take a state. A request is sent again with its id until it is
/// answered for good or its time is over; replicas do nothing twice.
/// </summary>
public sealed class GroupStates(Func<IBusLink> link, BusNames names, TimeSpan timeout, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<object>> _open =
        new(StringComparer.Ordinal);

    public Task<GroupAnswer<GroupStateRead>> ReadAsync(string group, CancellationToken cancellationToken)
    {
        var commandId = Guid.NewGuid().ToString("N");
        return AskAsync<ReadGroupState, GroupStateRead>(
            group, commandId,
            () => new() { CommandId = commandId, Group = group, ReplyTo = Here(commandId) },
            cancellationToken);
    }

    /// <param name="commandId">The same for the same restoration: it is done once.</param>
    /// <param name="saved">The state and what it is.</param>
    /// <param name="cancellationToken">Gives it up; it may be done.</param>
    public Task<GroupAnswer<GroupStateRestored>> RestoreAsync(
        string commandId, SavedState saved, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(saved);
        return AskAsync<RestoreGroupState, GroupStateRestored>(
            saved.Summary.Group, commandId,
            () => new()
            {
                CommandId = commandId,
                Summary = saved.Summary,
                State = saved.State,
                ReplyTo = Here(commandId),
            },
            cancellationToken);
    }

    /// <summary>What came to the inbox.</summary>
    public void Receive(string commandId, object answer)
    {
        if (_open.TryGetValue(commandId, out var open))
        {
            open.TrySetResult(answer);
        }
    }

    private async Task<GroupAnswer<TDone>> AskAsync<TRequest, TDone>(
        string group, string commandId, Func<TRequest> request, CancellationToken cancellationToken)
        where TRequest : class
        where TDone : class
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            deadline.Token, cancellationToken);
        var last = new GroupAnswer<TDone>();
        try
        {
            while (true)
            {
                switch (await AskOnceAsync(group, commandId, request(), either.Token))
                {
                    case TDone done:
                        return new() { Done = done };
                    case GroupStateRefused { IsUnknown: false } refused:
                        return new() { Refused = refused };
                    case GroupStateRefused doubtful:
                        last = new() { Refused = doubtful };
                        await Task.Delay(Pause, time, either.Token);
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return last;
        }
        finally
        {
            _open.TryRemove(commandId, out _);
        }
    }

    /// <returns>Null: not answered before it is time to ask again.</returns>
    private async Task<object?> AskOnceAsync<TRequest>(
        string group, string commandId, TRequest request, CancellationToken cancellationToken)
        where TRequest : class
    {
        var answered = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[commandId] = answered;
        link().SendToQueue(
            names.Queue("muster-state-" + group), request, new SendOptions { TimeToLive = timeout });
        try
        {
            return await answered.Task.WaitAsync(Repeat, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private ReplyAddress Here(string commandId) => ReplyAddress.Inbox(link().Address, commandId);
}

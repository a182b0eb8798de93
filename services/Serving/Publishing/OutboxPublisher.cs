using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Replication;
using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>
/// Publishes the machine's outbox while this replica owns it, and takes the ownership over when its items
/// do not move. The machine forgets an item only after "published up to" is in the log, so a crash
/// between the two publishes it again.
/// </summary>
/// <param name="origin">This replica's incarnation.</param>
/// <param name="runtime">Its machine is an <see cref="IOutboxMachine{TEffect,TEvent,TReply}"/>.</param>
/// <param name="link">Where events and answers leave.</param>
/// <param name="service">What differs between services.</param>
/// <param name="replies">The publisher's own: it gathers on its own thread.</param>
/// <param name="time">The clock of pauses and reports.</param>
/// <param name="logger">Where claims and failures are told.</param>
public sealed partial class OutboxPublisher<TCommand, TEffect, TEvent, TReply>(
    string origin, ReplicaRuntime<TCommand, TEffect> runtime, IBusLink link,
    IOutboxService<TCommand, TEvent> service, ReplyBatches<TReply> replies, TimeProvider time, ILogger logger)
    where TEvent : class
    where TReply : class
{
    private const int MaxItems = 256;

    /// <summary>Published items of which the log may not know yet: a crash publishes them again.</summary>
    private const int MaxUnreported = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan HeadInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailureInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Between turns of which nobody wants the events: more of them share the question whether anybody does.
    /// An event that somebody wants may be as late, behind one that nobody does.
    /// </summary>
    private static readonly TimeSpan UnheardInterval = TimeSpan.FromMilliseconds(25);

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly EventAudience _audience = new();
    private long _published;
    private long _reported;
    private long _reportedAt;
    private long _claimedEpoch;
    private long _stuckAt;
    private long _stuckSince;
    private long _announced;
    private long _announcedAt;
    private long? _failureToldAt;

    /// <summary>There are new items. Cheap, from any thread.</summary>
    public void Signal() => _changed.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var view = await runtime.InspectAsync(
                    (IOutboxMachine<TEffect, TEvent, TReply> machine) =>
                        OutboxView<TEvent, TReply>.Of(machine, _published, MaxItems),
                    cancellationToken);
                var isMore = await ServeAsync(view, cancellationToken);
                _failureToldAt = null;
                if (!isMore)
                {
                    await WaitAsync(Pause, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                TellFailure(exception.Message);
                await Task.Delay(Pause, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>Whether there may be more to do at once.</returns>
    private async Task<bool> ServeAsync(OutboxView<TEvent, TReply> view, CancellationToken cancellationToken)
    {
        if (!view.IsInitialized)
        {
            return false;
        }
        if (view.Owner != origin || view.Epoch != _claimedEpoch)
        {
            // Not its to count any more. A replaced log numbers its items anew, so they must be seen from the
            // first.
            _published = 0;
            ClaimWhenStuck(view);
            if (view.Owner.Length == 0 || view.Owner == origin || _claimedEpoch > view.Epoch)
            {
                return false;
            }
            // Another's: whether it is stuck shows in time, and not with every entry.
            await Task.Delay(Pause, time, cancellationToken);
            return true;
        }
        if (view.Items.Count == 0)
        {
            Report(view);
            if (link.IsUp)
            {
                await AnnounceHeadAsync(view, cancellationToken);
            }
            return false;
        }
        if (!link.IsUp)
        {
            return false; // answers would be dropped, and then taken for published
        }
        var isHeard = await PublishAsync(view.Items, cancellationToken);
        _published = view.Items[^1].Number;
        Report(view);
        if (!isHeard && view.Items.Count < MaxItems)
        {
            await Task.Delay(UnheardInterval, time, cancellationToken);
        }
        return true;
    }

    /// <summary>
    /// Tells the log what is published, seldom: each report is an entry, and one per event would cost as many
    /// commits as the commands themselves.
    /// </summary>
    private void Report(OutboxView<TEvent, TReply> view)
    {
        // The machine's own word counts: a report may be lost on its way to the log.
        var isDue = time.GetElapsedTime(_reportedAt) >= ReportInterval
            || _published - _reported >= MaxUnreported;
        if (_published > view.PublishedUpTo && isDue && runtime.TrySubmit(
            service.Published(new OutboxPublished { Epoch = _claimedEpoch, UpTo = _published })))
        {
            _reported = _published;
            _reportedAt = time.GetTimestamp();
        }
    }

    private void ClaimWhenStuck(OutboxView<TEvent, TReply> view)
    {
        var now = time.GetTimestamp();
        if (view.Items.Count == 0 || view.FirstNumber != _stuckAt)
        {
            _stuckAt = view.Items.Count == 0 ? 0 : view.FirstNumber;
            _stuckSince = now;
        }
        var isOrphan = view.Owner.Length == 0 || time.GetElapsedTime(_stuckSince, now) > Patience;
        if (view.Items.Count > 0 && isOrphan)
        {
            LogClaims(view.Epoch + 1, view.Owner);
            _claimedEpoch = view.Epoch + 1;
            _published = 0;
            _reported = 0;
            _stuckSince = now;
            runtime.TrySubmit(
                service.Claim(new OutboxClaim { Replica = origin, ExpectedEpoch = view.Epoch }));
        }
    }

    /// <returns>Whether anybody is bound to any of the events.</returns>
    private async Task<bool> PublishAsync(
        IReadOnlyList<OutboxItem<TEvent, TReply>> items, CancellationToken cancellationToken)
    {
        // Also when this replica sent it at once: that was as it applied the entry, perhaps without a link,
        // and not at all if a snapshot took it past the entry.
        foreach (var item in items)
        {
            if (item.Reply is { } reply)
            {
                replies.Gather(item.ReplyTo, reply);
            }
        }
        replies.Flush();
        return await _audience.PublishAsync(
            [.. items.Select(item => item.Event).OfType<TEvent>().Select(service.ToSend)], cancellationToken);
    }

    private async Task AnnounceHeadAsync(OutboxView<TEvent, TReply> view, CancellationToken cancellationToken)
    {
        var isDue = view.Head != _announced || time.GetElapsedTime(_announcedAt) > HeadInterval * 10;
        if (view.Head > 0 && isDue && time.GetElapsedTime(_announcedAt) > HeadInterval)
        {
            await service.AnnounceHeadAsync(view.Group, view.StreamEpoch, view.Head, cancellationToken);
            _announced = view.Head;
            _announcedAt = time.GetTimestamp();
        }
    }

    /// <summary>Of failures in a row the first, and one a minute: there are four of them a second.</summary>
    private void TellFailure(string why)
    {
        if (_failureToldAt is { } told && time.GetElapsedTime(told) < FailureInterval)
        {
            return;
        }
        _failureToldAt = time.GetTimestamp();
        LogFailed(why);
    }

    private async Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var expiry = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        await ((Task)_changed.Reader.ReadAsync(either.Token).AsTask())
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(3201, LogLevel.Information,
        "This replica claims the outbox with epoch {Epoch}; owner so far: {Owner}")]
    private partial void LogClaims(long epoch, string owner);

    [LoggerMessage(3202, LogLevel.Warning, "The outbox could not be published and is tried again: {Why}")]
    private partial void LogFailed(string why);
}

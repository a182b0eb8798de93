using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication;
using Muster.Serving;
using Muster.Views;

namespace Muster.Registry.Views;

/// <summary>
/// Writes service views to the cache and announces what changed. The outbox's owner does so as soon as
/// entries are applied, every other replica once a second, so that a dead owner delays views by a second
/// and no more; the cache keeps the newest version, whoever writes. Only a replica that knows that it is
/// current writes: otherwise it would make old views look young.
/// </summary>
public sealed partial class ViewPublisher(
    string origin, ReplicaRuntime<RegistryEntryCommand, RegistryEffect> runtime, IServiceViews views,
    ReplicaCurrency currency, RegistryServiceOptions options, TimeProvider time,
    ILogger<ViewPublisher> logger)
{
    private const int MaxEvents = 256;
    private const int MaxViews = 256;
    private const int MaxInstances = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>An answered ReadIndex a second: older means that they are not answered.</summary>
    private static readonly TimeSpan OldestCurrency = TimeSpan.FromSeconds(3);

    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ViewCursor _cursor = new();
    private bool _isOwner;
    private long? _refreshedAt;

    // The last look at the machine after which nothing was left to tell, and how current it was then.
    private (long At, TimeSpan Age) _toldAll;

    /// <summary>Entries with events were applied. Cheap, from any thread.</summary>
    public void Signal() => _changed.Writer.TryWrite(true);

    /// <summary>Runs until it is cancelled; returns at once when there is no cache.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (views is not NoServiceViews && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!await ServeAsync(cancellationToken))
                {
                    await WaitAsync(cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogFailed(exception.Message);
                await Task.Delay(Interval, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>Whether there is more to do at once.</returns>
    private async Task<bool> ServeAsync(CancellationToken cancellationToken)
    {
        var inspectedAt = time.GetTimestamp();
        if (currency.Age is not { } age || age > OldestCurrency)
        {
            return false;
        }
        var changes = await runtime.InspectAsync(
            (RegistryMachine machine) =>
            {
                _isOwner = machine.Outbox.Owner == origin;
                return machine.ChangesFrom(_cursor.NextOf(machine.StreamEpoch), MaxEvents);
            },
            cancellationToken);
        if (_cursor.IsLost(changes))
        {
            // Between here and there any view may have changed.
            if (await RefreshAsync(cancellationToken))
            {
                _toldAll = (inspectedAt, age);
                await AnnounceAsync(_cursor.JumpTo(changes), cancellationToken);
            }
            return false;
        }
        if (!await WriteAsync(changes.Views, inspectedAt, age, cancellationToken))
        {
            return false;
        }
        if (changes.To == changes.Head)
        {
            _toldAll = (inspectedAt, age);
        }
        await AnnounceAsync(_cursor.MoveTo(changes), cancellationToken);
        if (_refreshedAt is not { } refreshedAt || time.GetElapsedTime(refreshedAt) >= options.ViewRefresh)
        {
            await RefreshAsync(cancellationToken);
        }
        return changes.To < changes.Head;
    }

    /// <summary>
    /// Confirms every view, each as of a linearizable read. False: the cache did not answer.
    /// </summary>
    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var after = "";
        while (true)
        {
            var question = currency.Ask();
            var askedAt = question.AskedAt;
            var page = await runtime.ReadAsync(
                (RegistryMachine machine) => machine.ViewsAfter(after, MaxViews, MaxInstances),
                cancellationToken);
            if (!page.IsKnown
                || !await WriteAsync(page.Result!, askedAt, TimeSpan.Zero, cancellationToken))
            {
                return false;
            }
            currency.Knew(question);
            if (page.Result!.Count == 0)
            {
                _refreshedAt = askedAt;
                return true;
            }
            after = page.Result[^1].Service;
        }
    }

    /// <param name="written">Views as they were at the timestamp.</param>
    /// <param name="asOf">When they were read.</param>
    /// <param name="age">How old they may have been then.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<bool> WriteAsync(
        IReadOnlyList<ServiceView> written, long asOf, TimeSpan age, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(written.Select(view => views.WriteAsync(
            view, options.ViewTtl, age + time.GetElapsedTime(asOf), cancellationToken).AsTask()));
        return results.All(isKept => isKept);
    }

    /// <summary>
    /// An announcement says that nothing else had happened when the machine was looked at: it is as old as
    /// that, whatever was read since. While more is known than it tells, it is as old as the last that told
    /// all: a service that it does not name may have changed since.
    /// </summary>
    private Task AnnounceAsync(ViewAnnouncement announcement, CancellationToken cancellationToken)
    {
        var age = _toldAll.Age + time.GetElapsedTime(_toldAll.At);
        return views.AnnounceAsync(
            announcement with { AgeMilliseconds = (long)Math.Ceiling(age.TotalMilliseconds) },
            cancellationToken);
    }

    /// <summary>The owner wakes up for events, all others only for the next second.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var timeout = Interval < options.ViewRefresh ? Interval : options.ViewRefresh;
        if (!_isOwner)
        {
            await Task.Delay(timeout, time, cancellationToken);
            return;
        }
        using var expiry = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        await ((Task)_changed.Reader.ReadAsync(either.Token).AsTask())
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(3301, LogLevel.Warning, "Service views could not be written and are tried again: {Why}")]
    private partial void LogFailed(string why);
}

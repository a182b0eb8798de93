using Muster.Hosting;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>
/// The outbox's publisher, with the real one's rules: claim what is orphaned or stuck, publish with confirms,
/// and only then tell the log what is published. Two it has not: what nobody hears is published all the same,
/// and another's outbox is looked at with each signal.
/// </summary>
internal sealed class OutboxPublishing<TCommand, TEvent, TReply>(
    SimulatedProcess replica, string origin, OutboxWords<TCommand, TEvent, TReply> words)
    where TEvent : class
    where TReply : class
{
    private const int MaxItems = 256;
    private const long Patience = 2 * Scheduler.Second;
    private const long Pause = 250 * Scheduler.Millisecond;
    private const long ReportInterval = 100 * Scheduler.Millisecond;
    private const long HeadInterval = Scheduler.Second;

    private long _published;
    private long _reportedAt = long.MinValue / 2;
    private long _claimedEpoch;
    private long _stuckAt;
    private long _stuckSince;
    private long _round;
    private long _announcedAt = long.MinValue / 2;
    private int _unconfirmed;
    private bool _failed;
    private bool _isStarted;

    public void Start()
    {
        _isStarted = true;
        Look();
    }

    /// <summary>There are new items.</summary>
    public void Signal()
    {
        if (_isStarted)
        {
            replica.Later(0, Serve);
        }
    }

    private void Look()
    {
        Serve();
        replica.Later(Pause, Look);
    }

    private void Serve()
    {
        var outbox = words.Outbox();
        if (_unconfirmed > 0)
        {
            return;
        }
        if (outbox.Owner != origin || outbox.Epoch != _claimedEpoch)
        {
            _published = 0;
            ClaimWhenStuck(outbox);
            return;
        }
        var items = outbox.From(_published + 1, MaxItems);
        if (items.Count == 0)
        {
            Report(outbox);
            AnnounceHead();
        }
        else if (replica.Link!.IsUp)
        {
            Publish(items);
        }
    }

    private void Publish(IReadOnlyList<OutboxItem<TEvent, TReply>> items)
    {
        (_unconfirmed, _failed) = (items.Count, false);
        var (last, round) = (items[^1].Number, ++_round);
        if (words.ReportsUnconfirmed)
        {
            _published = last;
            Report(words.Outbox());
        }
        foreach (var item in items)
        {
            if (item.Reply is { } reply)
            {
                words.Replies.Gather(item.ReplyTo, reply);
            }
            if (item.Event is null) Confirmed(round, last, isPublished: true);
            else Publish(words.Leaves(item.Event), done => Confirmed(round, last, done));
        }
        words.Replies.Flush();
        // A connection that ends takes the confirms with it.
        replica.Later(Patience, () =>
        {
            if (_round == round) _unconfirmed = 0;
        });
    }

    private void Publish(TEvent one, Action<bool> confirmed) =>
        replica.Link!.Publish(words.Exchange, one, "", confirmed);

    private void Confirmed(long round, long last, bool isPublished)
    {
        if (round != _round)
        {
            return;
        }
        _failed |= !isPublished;
        if (_unconfirmed == 0 || --_unconfirmed > 0 || _failed)
        {
            return;
        }
        _published = Math.Max(_published, last);
        Report(words.Outbox());
        Signal();
    }

    private void Report(IOutboxReader<TEvent, TReply> outbox)
    {
        var now = replica.Clock.Monotonic;
        if (_published > outbox.PublishedUpTo && now - _reportedAt >= ReportInterval)
        {
            _reportedAt = now;
            words.Submit(words.Published(new() { Epoch = _claimedEpoch, UpTo = _published }));
        }
    }

    private void AnnounceHead()
    {
        var now = replica.Clock.Monotonic;
        if (words.Head is { } head && now - _announcedAt >= HeadInterval)
        {
            _announcedAt = now;
            replica.Link!.Publish(words.Exchange, head());
        }
    }

    private void ClaimWhenStuck(IOutboxReader<TEvent, TReply> outbox)
    {
        var now = replica.Clock.Monotonic;
        var first = outbox.Count == 0 ? 0 : outbox.PublishedUpTo + 1;
        if (first == 0 || first != _stuckAt)
        {
            (_stuckAt, _stuckSince) = (first, now);
        }
        if (first > 0 && (outbox.Owner.Length == 0 || now - _stuckSince > Patience))
        {
            _claimedEpoch = outbox.Epoch + 1;
            _published = 0;
            _stuckSince = now;
            words.Submit(words.Claim(new() { Replica = origin, ExpectedEpoch = outbox.Epoch }));
        }
    }
}

/// <summary>What an outbox's publisher needs of its service.</summary>
internal sealed record OutboxWords<TCommand, TEvent, TReply>
    where TEvent : class
    where TReply : class
{
    public required string Exchange { get; init; }

    public required Func<IOutboxReader<TEvent, TReply>> Outbox { get; init; }

    public required ReplyBatches<TReply> Replies { get; init; }

    public required Action<TCommand> Submit { get; init; }

    public required Func<OutboxClaim, TCommand> Claim { get; init; }

    public required Func<OutboxPublished, TCommand> Published { get; init; }

    /// <summary>An event as it leaves, at this moment.</summary>
    public Func<TEvent, TEvent> Leaves { get; init; } = one => one;

    /// <summary>
    /// How far the event stream goes, told while nothing is to be published; null: nobody asks.
    /// </summary>
    public Func<object>? Head { get; init; }

    /// <summary>A mutant's: the log is told before the broker has confirmed.</summary>
    public bool ReportsUnconfirmed { get; init; }
}

using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Simulator;

/// <summary>
/// The outbox's publisher, with the real one's rules: claim what is orphaned or stuck, publish with confirms,
/// and only then tell the log what is published.
/// </summary>
internal sealed class OutboxPublishing(ReplicaProcess replica, Simulation world, LinkReplies sender)
{
    public const string Exchange = "lock.events";

    private const int MaxItems = 256;
    private const long Patience = 2 * Scheduler.Second;
    private const long Pause = 250 * Scheduler.Millisecond;
    private const long ReportInterval = 100 * Scheduler.Millisecond;

    private readonly ReplyBatches<LockReply> _replies = sender.NewBatches();
    private long _published;
    private long _reportedAt = long.MinValue / 2;
    private long _claimedEpoch;
    private long _stuckAt;
    private long _stuckSince;
    private long _round;
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
        var outbox = replica.Machine.Outbox;
        if (_unconfirmed > 0)
        {
            return;
        }
        if (outbox.Owner != replica.Origin || outbox.Epoch != _claimedEpoch)
        {
            _published = 0;
            ClaimWhenStuck(outbox);
            return;
        }
        var items = outbox.From(_published + 1, MaxItems);
        if (items.Count == 0)
        {
            Report(outbox);
        }
        else if (replica.Link!.IsUp)
        {
            Publish(items);
        }
    }

    private void Publish(IReadOnlyList<OutboxItem<LockEvent, LockReply>> items)
    {
        (_unconfirmed, _failed) = (items.Count, false);
        var (last, round) = (items[^1].Number, ++_round);
        if (world.Mutation.ReportsUnconfirmed)
        {
            _published = last;
            Report(replica.Machine.Outbox);
        }
        foreach (var item in items)
        {
            if (item.Reply is { } reply)
            {
                _replies.Gather(item.ReplyTo, reply);
            }
            if (item.Event is null) Confirmed(round, last, isPublished: true);
            else replica.Link!.Publish(Exchange, item.Event, "", done => Confirmed(round, last, done));
        }
        _replies.Flush();
        // A connection that ends takes the confirms with it.
        replica.Later(Patience, () =>
        {
            if (_round == round) _unconfirmed = 0;
        });
    }

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
        Report(replica.Machine.Outbox);
        Signal();
    }

    private void Report(IOutboxReader<LockEvent, LockReply> outbox)
    {
        var now = replica.Clock.Monotonic;
        if (_published > outbox.PublishedUpTo && now - _reportedAt >= ReportInterval)
        {
            _reportedAt = now;
            replica.Submit(new LockEntryCommand
            {
                OutboxPublished = new() { Epoch = _claimedEpoch, UpTo = _published },
            });
        }
    }

    private void ClaimWhenStuck(IOutboxReader<LockEvent, LockReply> outbox)
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
            replica.Submit(new LockEntryCommand
            {
                OutboxClaim = new() { Replica = replica.Origin, ExpectedEpoch = outbox.Epoch },
            });
        }
    }
}

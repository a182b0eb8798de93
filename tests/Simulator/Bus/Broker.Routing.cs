namespace Muster.Simulator;

/// <summary>What a message meets on its way through the broker.</summary>
internal sealed partial class Broker
{
    /// <summary>A process sends: on its way to the broker the message may be lost, doubled or late.</summary>
    public void Take(BrokerSession session, Destination to, BusMessage message, Action<bool>? confirmed)
    {
        // What must be confirmed goes over a connection that loses nothing, or ends.
        var copies = confirmed is null ? network.Copies() : 1;
        for (; copies > 0; copies--)
        {
            if (!network.CanSend(session.Owner))
            {
                if (network.Holds(session.Owner))
                {
                    session.Held.Enqueue(() => Carry(session, to, message, confirmed));
                }
                continue;
            }
            Carry(session, to, message, confirmed);
        }
    }

    private bool Reaches(BrokerSession session) =>
        session.IsOpen && !IsStalled && network.CanReceive(session.Owner);

    private void Carry(BrokerSession session, Destination to, BusMessage message, Action<bool>? confirmed) =>
        scheduler.At(network.Arrival(session.Up), () => Arrive(session, to, message, confirmed));

    private void Arrive(BrokerSession session, Destination to, BusMessage message, Action<bool>? confirmed)
    {
        if (!IsUp || !session.IsOpen)
        {
            if (confirmed is not null) session.Link.Owner.Deliver(() => confirmed(false));
        }
        else if (IsStalled)
        {
            _stalled.Enqueue(() => Arrive(session, to, message, confirmed));
        }
        else
        {
            Route(to, message);
            if (confirmed is null)
            {
                return;
            }
            OnEvent(message.Body);
            Push(session, () => confirmed(true));
        }
    }

    private void Route(Destination to, BusMessage message)
    {
        foreach (var (queue, ttl) in _bound.GetValueOrDefault(to.Key) ?? [])
        {
            queue.Add(message, scheduler.Now, ttl, Limits);
            Dispatch(queue);
        }
        if (!_bindings.TryGetValue(to.Key, out var listeners))
        {
            return;
        }
        foreach (var listener in listeners.ToList())
        {
            if (!network.Connects(message.Sender, listener.Owner))
            {
                continue;
            }
            if (Reaches(listener) && listener.WaitingInInbox == 0) HandOver(listener, message);
            else Keep(listener, message);
        }
    }

    private void Keep(BrokerSession session, BusMessage message)
    {
        var dropped = session.Keep(
            message, scheduler.Now + session.Link.Settings.InboxTtl, Limits.Inbox);
        counts.Count(Happening.InboxOverflow, dropped);
    }

    private void HandOver(BrokerSession session, BusMessage message)
    {
        for (var copies = network.Copies(); copies > 0; copies--)
        {
            Push(session, () => session.Link.Ears.OnMessage(message));
        }
    }

    /// <summary>Down a connection that the process still takes for its own.</summary>
    private void Push(BrokerSession session, Action receive)
    {
        var owner = session.Link.Owner;
        var life = owner.Life;
        scheduler.At(network.Arrival(session.Down), () =>
        {
            if (owner.Life != life || session.Link.Session != session)
            {
                return;
            }
            // What a cut leaves in the socket comes when the path is mended, if the connection outlives it.
            if (network.CanReceive(session.Owner)) owner.Deliver(receive);
            else session.OnItsWay.Enqueue(() => Push(session, receive));
        });
    }

    private void Flush(BrokerSession session)
    {
        if (!Reaches(session))
        {
            return;
        }
        foreach (var message in session.TakeWaiting(scheduler.Now, OnExpired).ToList())
        {
            HandOver(session, message);
        }
    }

    private void OnExpired() => counts.Count(Happening.InboxExpiry);

    private void DispatchAll()
    {
        foreach (var queue in _shared.Values)
        {
            Dispatch(queue);
        }
    }

    private void Dispatch(SharedQueue queue)
    {
        while (IsUp
            && queue.TryNext(scheduler.Now, Reaches, out var delivery, out var session, out var settings))
        {
            Push(session, () => settings.Take(delivery, () => Acknowledge(queue, delivery, session)));
        }
    }

    private void Acknowledge(SharedQueue queue, WorkDelivery delivery, BrokerSession session)
    {
        if (!network.CanSend(session.Owner))
        {
            session.Held.Enqueue(() => Acknowledge(queue, delivery, session));
            return;
        }
        scheduler.At(network.Arrival(session.Up), () =>
        {
            if (!IsUp || !session.IsOpen)
            {
                return;
            }
            queue.Ack(delivery, session);
            Dispatch(queue);
        });
    }
}

using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// Feeds the observers of elections: by the event of a change, and because that may be lost, by asking again
/// after a reconnect and while the lock group's stream moves. Used under the client's gate.
/// </summary>
internal sealed class ElectionFeed
{
    // The stream has every lock's events, so its head moves all the time; the question is not asked for each.
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(2);

    private readonly MusterOptions _options;
    private readonly LeaseClock _clock;
    private readonly LockCalls _calls;
    private readonly Timetable _timetable;
    private readonly Dictionary<string, Observed> _elections = new(StringComparer.Ordinal);
    private readonly Due _due;
    private readonly Dictionary<string, (long Epoch, long Number)> _heads = new(StringComparer.Ordinal);

    public ElectionFeed(MusterOptions options, LeaseClock clock, LockCalls calls, Timetable timetable)
    {
        (_options, _clock, _calls, _timetable) = (options, clock, calls, timetable);
        _due = new Due(AskAll);
    }

    public void Add(string election, Mailbox<ElectionView> views)
    {
        if (!_elections.TryGetValue(election, out var observed))
        {
            _elections[election] = observed = new Observed(election);
        }
        observed.Views.Add(views);
        if (observed.Last is { } last)
        {
            views.Put(election, last);
        }
        else
        {
            Ask(observed);
        }
    }

    public void Remove(string election, Mailbox<ElectionView> views)
    {
        if (_elections.TryGetValue(election, out var observed) && observed.Views.Remove(views)
            && observed.Views.Count == 0)
        {
            Forget(observed);
        }
    }

    /// <summary>The client closes.</summary>
    public void Close()
    {
        foreach (var observed in _elections.Values.ToArray())
        {
            Forget(observed);
            observed.Views.ForEach(views => views.End(new ObjectDisposedException(nameof(MusterClient))));
        }
    }

    public void LinkUp() => AskAll();

    public void OnHead(LockEventsHead head)
    {
        var place = (head.Epoch, head.Number);
        if (_elections.Count > 0 && _heads.GetValueOrDefault(head.Group) != place)
        {
            _heads[head.Group] = place;
            if (!_due.IsSet)
            {
                _timetable.Set(_due, _clock.Now + AskInterval);
            }
        }
    }

    public void OnChanged(LeaderChanged change)
    {
        if (_elections.TryGetValue(change.Election, out var observed))
        {
            Offer(observed, Place.Of(change.Event), change.Leader);
        }
    }

    private void AskAll()
    {
        foreach (var observed in _elections.Values)
        {
            Ask(observed);
        }
    }

    private void Ask(Observed observed)
    {
        if (observed.Call is not null)
        {
            _calls.Close(observed.Call); // the answer must be newer than what made us ask
        }
        observed.Call = new LockCall
        {
            Id = _calls.NewId(),
            Command = call => new LockCommand
            {
                ObserveLeader = new ObserveLeader { CommandId = call.Id, Election = observed.Election },
            },
            OnAnswer = reply => OnAnswer(observed, reply),
            Timeout = _options.CallTimeout,
            OnTimeout = () =>
            {
                observed.Call = null;
                Ask(observed);
            },
        };
        _calls.Open(observed.Call);
    }

    private void OnAnswer(Observed observed, LockReply reply)
    {
        observed.Call = null;
        if (reply.LeaderObserved is { } answer)
        {
            Offer(observed, Place.Of(answer.Freshness), answer.Leader);
        }
        else
        {
            Forget(observed);
            observed.Views.ForEach(views => views.End(CallKinds.ToException(reply.LockRefused)));
        }
    }

    private static void Offer(Observed observed, Place place, ElectionLeader? leader)
    {
        if (observed.Last is { } last)
        {
            if (place.CompareTo(observed.Place) <= 0)
            {
                return;
            }
            observed.Place = place;
            if (last.Leader == leader && last.Epoch == place.Epoch)
            {
                return; // as before
            }
        }
        observed.Place = place;
        observed.Last = new ElectionView
        {
            Election = observed.Election,
            Leader = leader,
            Epoch = place.Epoch,
            Index = place.Index,
        };
        observed.Views.ForEach(views => views.Put(observed.Election, observed.Last));
    }

    private void Forget(Observed observed)
    {
        _elections.Remove(observed.Election);
        if (observed.Call is { } call)
        {
            _calls.Close(call);
        }
    }

    private sealed class Observed(string election)
    {
        public string Election { get; } = election;

        public List<Mailbox<ElectionView>> Views { get; } = [];

        public ElectionView? Last { get; set; }

        public Place Place { get; set; }

        public LockCall? Call { get; set; }
    }
}

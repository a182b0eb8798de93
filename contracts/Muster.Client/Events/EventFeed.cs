namespace Muster.Client;

/// <summary>Reads a group's event stream where the feed has a gap.</summary>
internal interface IEventSource
{
    /// <summary>Somebody listens: gaps matter.</summary>
    bool IsWanted { get; }

    /// <summary>
    /// Asks the service for the events from a number on. All that come, of whatever type, are offered to the
    /// feed, and then <see cref="EventFeed.OnRead"/> is called, or <see cref="EventFeed.OnReadFailed"/>.
    /// </summary>
    void Read(long from);

    /// <summary>The stream cannot be followed from where it was left: start from a full view.</summary>
    void Restart();
}

/// <summary>
/// Follows a group's densely numbered event stream, of which only some types come here as messages: tells new
/// events from repeats, and has the gaps read from the service, whether they are lost events or ones of other
/// types. Used under the client's gate.
/// </summary>
internal sealed class EventFeed
{
    // Events and heads come through exchanges of their own and overtake each other; a gap that closes within
    // this was none. Also bounds the reading while events of other types stream past.
    private static readonly TimeSpan GapPatience = TimeSpan.FromMilliseconds(250);
    private const int MaxAhead = 10_000;

    private readonly LeaseClock _clock;
    private readonly Timetable _timetable;
    private readonly IEventSource _source;
    private readonly SortedSet<long> _ahead = [];
    private readonly Due _due;
    private long _head;
    private bool _isReading;
    private bool _mustRead;

    public EventFeed(LeaseClock clock, Timetable timetable, IEventSource source)
    {
        (_clock, _timetable, _source) = (clock, timetable, source);
        _due = new Due(OnDue);
    }

    /// <summary>0 until there is a view to go on from.</summary>
    public long Epoch { get; private set; }

    /// <summary>Every event up to this number is here, or in the view that the feed started from.</summary>
    public long Seen { get; private set; }

    /// <summary>No event is missing before the newest one that is here.</summary>
    public bool IsDense => _ahead.Count == 0;

    /// <summary>
    /// Goes on from a view as of an event. Of several views, the oldest counts: who has a newer one drops
    /// what comes twice.
    /// </summary>
    public void Base(long epoch, long number)
    {
        if (epoch < Epoch || (epoch == Epoch && number >= Seen))
        {
            return;
        }
        if (epoch > Epoch)
        {
            _head = number;
            _ahead.Clear();
        }
        (Epoch, Seen) = (epoch, number);
        // What came while there was no view to go on from was dropped, the head too.
        _mustRead = true;
        WantRead();
    }

    /// <summary>False: the event is a repeat, or of another epoch.</summary>
    public bool Offer(long epoch, long number)
    {
        if (Epoch == 0 || epoch < Epoch)
        {
            return false;
        }
        if (epoch > Epoch)
        {
            StartAnew();
            return false;
        }
        if (number <= Seen || !_ahead.Add(number))
        {
            return false;
        }
        _head = Math.Max(_head, number);
        Advance();
        if (_ahead.Count > MaxAhead)
        {
            StartAnew();
            return false;
        }
        WantRead();
        return true;
    }

    public void OnHead(long epoch, long number)
    {
        if (Epoch == 0 || epoch < Epoch)
        {
            return;
        }
        if (epoch > Epoch)
        {
            StartAnew();
            return;
        }
        _head = Math.Max(_head, number);
        WantRead();
    }

    /// <summary>What came while the link was down is lost, the heads too.</summary>
    public void LinkUp()
    {
        _mustRead = true;
        OnDue();
    }

    /// <summary>A reading was answered, and its events were offered.</summary>
    public void OnRead(long from, long epoch, long head, bool isTrimmed)
    {
        _isReading = false;
        if (Epoch == 0 || epoch < Epoch || from > Seen + 1)
        {
            WantRead(); // asked for before the feed started anew
            return;
        }
        if (epoch > Epoch || isTrimmed)
        {
            StartAnew();
            return;
        }
        _mustRead = false;
        _head = Math.Max(_head, head);
        if (Seen >= from)
        {
            OnDue(); // the next page, if there is one
        }
        WantRead();
    }

    /// <summary>A reading got no answer, or a refusal: it is tried again.</summary>
    public void OnReadFailed()
    {
        _isReading = false;
        _mustRead = true;
        WantRead();
    }

    private void Advance()
    {
        while (_ahead.Remove(Seen + 1))
        {
            Seen++;
        }
    }

    private bool IsReadWanted => (_mustRead || Seen < _head) && Epoch > 0 && !_isReading && _source.IsWanted;

    private void WantRead()
    {
        if (IsReadWanted && !_due.IsSet)
        {
            _timetable.Set(_due, _clock.Now + GapPatience);
        }
    }

    private void OnDue()
    {
        if (IsReadWanted)
        {
            _isReading = true;
            _source.Read(Seen + 1);
        }
    }

    /// <summary>Forgets where it was; a view must come first.</summary>
    public void Reset()
    {
        (Epoch, Seen, _head) = (0, 0, 0);
        _ahead.Clear();
        _timetable.Clear(_due);
    }

    private void StartAnew()
    {
        Reset();
        _source.Restart();
    }
}

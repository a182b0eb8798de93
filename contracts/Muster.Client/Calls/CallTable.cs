namespace Muster.Client;

/// <summary>
/// The open commands to one service: each is sent again every second under its id and sequence number until
/// it is answered or timed out; the service does it at most once. Used under the client's gate.
/// </summary>
internal sealed class CallTable<TCommand, TReply>(
    LeaseClock clock, Timetable timetable, CallKind<TReply> kind, Func<string> newId)
{
    private static readonly TimeSpan ResendInterval = TimeSpan.FromSeconds(1);

    // The service keeps the results of 4,096 sequence numbers; beyond this a release or cancel goes without
    // one and is remembered by its id, for longer than any call is sent again.
    private const long MaxSpan = 4_000;

    private readonly Dictionary<string, Call<TCommand, TReply>> _open = new(StringComparer.Ordinal);
    private readonly Batcher<Call<TCommand, TReply>> _batcher = new(clock, kind.MaxBatch);

    public bool IsUp { get; private set; }

    public TimeSpan? NextDue => _batcher.NextDue;

    /// <summary>An id for a command, or for what it is about; unique for ever.</summary>
    public string NewId() => newId();

    public void LinkUp()
    {
        IsUp = true;
        foreach (var call in _open.Values)
        {
            if (call.OutlastsOutagesUntil > clock.Now)
            {
                call.EnteredAt = clock.Now;
            }
            Ready(call);
        }
    }

    public void LinkDown()
    {
        IsUp = false;
        _batcher.Clear();
    }

    public void Open(Call<TCommand, TReply> call)
    {
        if (call.Session is { } session && session.Sequences.Span < MaxSpan)
        {
            call.Sequence = session.Sequences.Take();
        }
        call.Due = new Due(() => OnDue(call));
        _open.Add(call.Id, call);
        Wake(call);
    }

    /// <summary>Sends a call (again), and counts its time-out from now.</summary>
    public void Wake(Call<TCommand, TReply> call)
    {
        call.State = CallState.Open;
        call.EnteredAt = clock.Now;
        Ready(call);
        Arm(call);
    }

    public void Close(Call<TCommand, TReply> call)
    {
        if (call.State == CallState.Closed)
        {
            return;
        }
        Settle(call, CallState.Closed);
        _open.Remove(call.Id);
    }

    /// <summary>The client closes: whoever waits for an answer is told.</summary>
    public void CloseAll()
    {
        foreach (var call in _open.Values.ToArray())
        {
            Close(call);
            call.OnClose?.Invoke();
        }
    }

    /// <summary>The answer is awaited.</summary>
    public bool IsAwaited(TReply reply) => kind.CommandId(reply) is { } id && _open.ContainsKey(id);

    /// <summary>Hands an answer to its call. False: no such call is open.</summary>
    public bool Answer(TReply reply)
    {
        if (kind.CommandId(reply) is not { } commandId || !_open.TryGetValue(commandId, out var call))
        {
            return false;
        }
        _batcher.Answered(call);
        switch (kind.Meaning(reply))
        {
            case AnswerMeaning.Again:
                return true; // under the same id: the next sending is due anyway
            case AnswerMeaning.Queued:
                // "Queued" is an answer: the wait needs no place in the window of sequence numbers.
                Settle(call, CallState.Resting);
                break;
            default:
                Close(call);
                break;
        }
        call.OnAnswer(reply);
        return true;
    }

    /// <summary>The commands of the next batch to publish, or null.</summary>
    public IReadOnlyList<TCommand>? Take()
    {
        if (!IsUp || _batcher.Take() is not { } calls)
        {
            return null;
        }
        var sentAt = clock.Stamp();
        var commands = new TCommand[calls.Count];
        for (var i = 0; i < commands.Length; i++)
        {
            calls[i].FirstSentAt ??= sentAt;
            calls[i].Sendings++;
            var command = calls[i].Command(calls[i]);
            commands[i] = calls[i].TraceParent is { } traceParent
                ? CallKinds.Traced(command, traceParent)
                : command;
        }
        return commands;
    }

    private void Settle(Call<TCommand, TReply> call, CallState state)
    {
        call.State = state;
        timetable.Clear(call.Due!);
        _batcher.Answered(call);
        if (call.Sequence is { } sequence)
        {
            call.Session!.Sequences.Answer(sequence);
        }
    }

    private void OnDue(Call<TCommand, TReply> call)
    {
        if (call.IsOver?.Invoke() == true || clock.Now >= EndOf(call))
        {
            Close(call);
            call.OnTimeout?.Invoke();
            return;
        }
        Ready(call);
        Arm(call);
    }

    private void Ready(Call<TCommand, TReply> call)
    {
        if (IsUp && call.IsOver?.Invoke() != true)
        {
            _batcher.Add(call);
        }
    }

    private void Arm(Call<TCommand, TReply> call)
    {
        var again = clock.Now + ResendInterval;
        var end = EndOf(call);
        timetable.Set(call.Due!, again < end ? again : end);
    }

    /// <summary>When it has timed out, unless the link comes or goes before.</summary>
    private TimeSpan EndOf(Call<TCommand, TReply> call)
    {
        if (call.Timeout is not { } timeout)
        {
            return TimeSpan.MaxValue;
        }
        var end = call.EnteredAt + timeout;
        return !IsUp && call.OutlastsOutagesUntil is { } until && until > end ? until : end;
    }
}

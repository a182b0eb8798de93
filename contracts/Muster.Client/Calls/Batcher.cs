namespace Muster.Client;

/// <summary>A batch that was sent, until the first answer to each of its commands.</summary>
internal sealed class SentBatch(TimeSpan sentAt, int open)
{
    public TimeSpan SentAt { get; } = sentAt;

    public int Open { get; set; } = open;
}

/// <summary>
/// Gathers commands into batches. On an idle link a command goes at once and alone; while batches are
/// unanswered, what comes gathers until it is as much as they have left unanswered. So the batches grow with
/// the load, each service on the way has fewer messages, and nobody waits for a timer.
/// </summary>
internal sealed class Batcher<TCall>(LeaseClock clock, int maxBatch)
    where TCall : Call
{
    private const int MaxUnanswered = 4;

    // Values, states and many names are large; a message should not be. What is not counted, as the names of
    // queries, leaves it below the 1 MiB that a service takes (Bus:MaxMessageBytes).
    private const int MaxBytes = 512 * 1024;

    // Ids, numbers, quotes, the names of the properties.
    private const int CommandBytes = 512;

    // A batch that waits in a queue of the service's, or is lost, holds up the next ones no longer than this.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);
    private readonly Queue<TCall> _ready = new();
    private readonly List<SentBatch> _unanswered = [];

    /// <summary>When the next batch may go without an answer; null when nothing waits for that.</summary>
    public TimeSpan? NextDue =>
        _ready.Count > 0 && !MayGo() ? _unanswered[0].SentAt + Patience : null;

    public void Add(TCall call)
    {
        if (call.State == CallState.Open)
        {
            call.State = CallState.Ready;
            _ready.Enqueue(call);
        }
    }

    /// <summary>The call has an answer or needs none: its batch waits for one less.</summary>
    public void Answered(TCall call)
    {
        if (call.Batch is { } batch && --batch.Open == 0)
        {
            _unanswered.Remove(batch);
        }
        call.Batch = null;
    }

    /// <summary>
    /// The calls of the next batch, to be sent now; null when there are none or it is not yet time.
    /// </summary>
    public List<TCall>? Take()
    {
        var now = clock.Now;
        _unanswered.RemoveAll(sent => now - sent.SentAt >= Patience);
        while (_ready.TryPeek(out var head) && head.State != CallState.Ready)
        {
            _ready.Dequeue();
        }
        if (_ready.Count == 0 || !MayGo())
        {
            return null;
        }
        var taken = new List<TCall>(Math.Min(_ready.Count, maxBatch));
        for (var bytes = 0; taken.Count < maxBatch && _ready.TryPeek(out var call); _ready.Dequeue())
        {
            if (call.State == CallState.Ready)
            {
                bytes += call.Bytes + CommandBytes;
                if (bytes > MaxBytes && taken.Count > 0)
                {
                    break;
                }
                call.State = CallState.Open;
                taken.Add(call);
            }
        }
        var batch = new SentBatch(now, taken.Count);
        _unanswered.Add(batch);
        foreach (var call in taken)
        {
            Answered(call);
            call.Batch = batch;
        }
        return taken;
    }

    /// <summary>
    /// The link is gone: what is out is lost, and what is in line lines up anew when it is back.
    /// </summary>
    public void Clear()
    {
        _unanswered.Clear();
        foreach (var call in _ready)
        {
            if (call.State == CallState.Ready)
            {
                call.State = CallState.Open;
            }
        }
        _ready.Clear();
    }

    private bool MayGo() =>
        _unanswered.Count < MaxUnanswered && _ready.Count >= _unanswered.Sum(sent => sent.Open);
}

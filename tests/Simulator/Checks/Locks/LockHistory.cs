using Muster.Client;
using Muster.Contracts.Lock;
using Muster.Testing;

namespace Muster.Simulator;

/// <summary>
/// What callers saw of each lock, judged at the end by the models of <c>Muster.Testing</c>: there is an order
/// of all acquires and releases in which readers and writers, writers alone with their tokens, and permits
/// keep to their rules. An acquire that nobody was handed is left out: it shut out others, and let in nobody.
/// </summary>
internal sealed class LockHistory(Simulation world)
{
    private readonly List<Span> _spans = [];

    public int Spans => _spans.Count;

    /// <summary>A caller has it in hand, and has just looked at its lease.</summary>
    /// <param name="held">The hold.</param>
    /// <param name="isUpgraded">It became exclusive now; before it was another span.</param>
    /// <param name="asked">When the caller asked for it.</param>
    public Span Begin(Acquire held, bool isUpgraded, long asked)
    {
        var span = new Span
        {
            Held = held,
            Mode = isUpgraded ? LockMode.Exclusive : held.Claim.Mode,
            Token = held.Token.Value,
            AskedAt = asked,
            HandedAt = world.Scheduler.Now,
            UsedAt = world.Scheduler.Now,
        };
        _spans.Add(span);
        return span;
    }

    /// <summary>Histories that are too hard to decide in the time refute nothing.</summary>
    public void Check()
    {
        Check(new ReaderWriterModel(), span => span.Mode != LockMode.Permits);
        Check(new FencedMutexModel(), span => span.Mode == LockMode.Exclusive);
        Check(new SemaphoreModel(world.Plan.Locks.MaxPermits), span => span.Mode == LockMode.Permits);
    }

    private void Check(Model model, Func<Span, bool> isOfIt)
    {
        var events = _spans.Where(isOfIt).SelectMany(EventsOf).ToList();
        var history = new HistoryBuilder();
        foreach (var (one, process) in Numbered(events))
        {
            history.Add(ToEvent(one, process));
        }
        var result = LinearizabilityChecker.Check(history.Build(), model, SearchBound.New());
        if (result.Verdict == Verdict.Unknown) world.Undecided++;
        if (result.Verdict == Verdict.NotOk)
        {
            throw new SimulationFailure(
                "linearizability", $"no order explains the locks' history:\n{result.Failure}");
        }
    }

    /// <summary>In the order of their times; one process for each span and name.</summary>
    private static IEnumerable<(Moment Moment, long Process)> Numbered(List<Moment> events)
    {
        var processes = new Dictionary<(Span, string), long>();
        foreach (var one in events.OrderBy(one => one.At).ThenBy(one => one.Phase))
        {
            processes.TryAdd((one.Of, one.Name), processes.Count + 1);
            yield return (one, processes[(one.Of, one.Name)]);
        }
    }

    private IEnumerable<Moment> EventsOf(Span span)
    {
        var revokedAt = world.Checks.Locks.RevokedAt(span.Held.Id, span.Held.Session!.Id);
        if (revokedAt <= span.HandedAt)
        {
            yield break; // taken again before the caller had it
        }
        // Who ends without a word has held it until he used it last; who lost it, until it was taken.
        var until = span.ReleasedAt ?? span.UsedAt;
        var isTaken = revokedAt <= (span.DoneAt ?? until);
        until = isTaken ? Math.Min(until, revokedAt!.Value) : until;
        foreach (var name in span.Held.Claim.Names)
        {
            yield return new(span, name, span.AskedAt, 0);
            yield return new(span, name, span.HandedAt, 1);
            yield return new(span, name, until, 2);
            if (!isTaken && span.DoneAt is { } done)
            {
                yield return new(span, name, done, 3);
            }
        }
    }

    private static HistoryEvent ToEvent(Moment one, long process) => new()
    {
        Process = process,
        Type = one.Phase % 2 == 0 ? EventType.Invoke : EventType.Ok,
        Function = one.Phase < 2 ? "acquire" : "release",
        Key = one.Name,
        Value = one.Phase % 2 == 1 ? Value.Null : one.Of.Mode switch
        {
            LockMode.Permits => one.Of.Held.Claim.Permits,
            LockMode.Exclusive => "write",
            _ => "read",
        },
        Token = one.Phase == 1 ? one.Of.Token : null,
        Time = one.At * Scheduler.Millisecond,
    };

    /// <summary>A hold as its caller saw it; an upgrade ends it and begins another.</summary>
    internal sealed class Span
    {
        public required Acquire Held { get; init; }

        public required LockMode Mode { get; init; }

        public required long Token { get; init; }

        public required long AskedAt { get; init; }

        public required long HandedAt { get; init; }

        /// <summary>When he last looked at his lease, and it lived.</summary>
        public required long UsedAt { get; set; }

        /// <summary>When he began to give it back, or to upgrade it; null: he lost it, or died.</summary>
        public long? ReleasedAt { get; set; }

        /// <summary>When he heard that this is done; null: he did not.</summary>
        public long? DoneAt { get; set; }
    }

    /// <summary>Asked, handed, giving back, given back.</summary>
    private readonly record struct Moment(Span Of, string Name, long At, int Phase);
}

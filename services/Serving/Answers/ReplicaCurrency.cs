using Muster.Replication;
using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>
/// How old this replica's copy may be. It counts from when the last ReadIndex that was answered was ASKED:
/// a majority confirmed the leader after that, and the machine has applied everything up to that leader's
/// commit index. A commit announcement would not do, because a deposed leader may still send one. One is
/// asked every second, so a cached answer of a healthy replica is about a second old at most.
/// </summary>
public sealed class ReplicaCurrency(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long? _knownAt;
    private int _life;

    /// <summary>Null until it was known once.</summary>
    public TimeSpan? Age
    {
        get
        {
            lock (_gate)
            {
                return _knownAt is { } knownAt ? time.GetElapsedTime(knownAt) : null;
            }
        }
    }

    /// <summary>A linearizable read is asked now.</summary>
    public CurrencyQuestion Ask()
    {
        lock (_gate)
        {
            return new(time.GetTimestamp(), _life);
        }
    }

    /// <summary>It is answered; no news if the machine was replaced since.</summary>
    public void Knew(CurrencyQuestion question)
    {
        lock (_gate)
        {
            if (question.Life == _life)
            {
                _knownAt = Math.Max(_knownAt ?? question.AskedAt, question.AskedAt);
            }
        }
    }

    /// <summary>The machine is another one, of another log or of the same one gone through again.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _knownAt = null;
            _life++;
        }
    }

    /// <summary>Asks once a second until it is cancelled.</summary>
    public async Task RunAsync<TCommand, TEffect>(
        ReplicaRuntime<TCommand, TEffect> runtime, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        while (!cancellationToken.IsCancellationRequested)
        {
            var question = Ask();
            var answer = await runtime.ReadAsync(
                (IStateMachine<TEffect> machine) => machine.IsInitialized, cancellationToken);
            if (answer is { IsKnown: true, Result: true })
            {
                Knew(question);
            }
            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}

/// <summary>When a read was asked, by the clock's timestamp, and of which of the machines.</summary>
public readonly record struct CurrencyQuestion(long AskedAt, int Life);

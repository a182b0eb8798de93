using System.Collections.Concurrent;
using System.Globalization;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Load.Measuring;
using Muster.Load.Stage;

namespace Muster.Load.Locking;

/// <summary>
/// Thousands of sessions with locks, as bare commands and heartbeats over one link: no clients, whose own
/// memory and processor time would be in the way.
/// </summary>
internal sealed class Crowd : IAsyncDisposable
{
    /// <summary>What a batch, and a heartbeat, may hold.</summary>
    private const int Together = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BusNames _names;
    private readonly IBusLink _link;
    private readonly ReplyAddress _replyTo;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly string[] _sessions;
    private readonly TimeSpan _ttl;
    private readonly ConcurrentDictionary<long, int> _renewals = new();
    private readonly Lock _gate = new();
    private Counting _counting = new(0);
    private long _number;

    private Crowd(LoadCluster cluster, int sessions, TimeSpan ttl)
    {
        _names = cluster.Links.Names;
        _ttl = ttl;
        _sessions = [.. Enumerable.Range(0, sessions).Select(number => $"crowd-{_run}-{Text(number)}")];
        var address = cluster.NewAddress("crowd");
        _replyTo = ReplyAddress.Inbox(address);
        _link = cluster.Links.Create(new LinkOptions
        {
            Address = address,
            OnMessage = Receive,
            Publishes = [_names.Exchange(typeof(LockCommandBatch)), _names.Exchange(typeof(Heartbeat))],
            InboxMessageTtl = Patience,
        });
    }

    /// <summary>How often a client with this TTL renews.</summary>
    public TimeSpan Interval => _ttl / 3;

    public static async Task<Crowd> StartAsync(
        LoadCluster cluster, int sessions, TimeSpan ttl, CancellationToken cancellationToken)
    {
        var crowd = new Crowd(cluster, sessions, ttl);
        await crowd._link.StartAsync(cancellationToken);
        return crowd;
    }

    public Task OpenSessionsAsync(CancellationToken cancellationToken) => CommandAsync(
        _sessions.Length,
        number => new LockCommand
        {
            OpenSession = new OpenSession
            {
                CommandId = _sessions[number] + "-open",
                SessionId = _sessions[number],
                TtlMilliseconds = (long)_ttl.TotalMilliseconds,
                Owner = "muster load, crowd",
            },
        },
        cancellationToken);

    /// <summary>Each lock has a name of its own; the sessions take them in turn.</summary>
    public Task AcquireAsync(int locks, CancellationToken cancellationToken) => CommandAsync(
        locks,
        number =>
        {
            var sequence = number / _sessions.Length + 1;
            var session = _sessions[number % _sessions.Length];
            return new LockCommand
            {
                AcquireLock = new AcquireLock
                {
                    CommandId = $"{session}-{Text(sequence)}",
                    SessionId = session,
                    Sequence = sequence,
                    AnsweredBelow = sequence,
                    Name = $"crowd/{_run}/{Text(number)}",
                },
            };
        },
        cancellationToken);

    /// <summary>Renews every session once, and returns when all are answered.</summary>
    /// <returns>How many locks they hold by the answers.</returns>
    /// <exception cref="LoadException">A session is gone, or the answers do not come.</exception>
    public async Task<int> RenewAsync(CancellationToken cancellationToken)
    {
        var beats = _sessions.Chunk(Together).Select(sessions => new Heartbeat
        {
            Node = "crowd-" + _run,
            Incarnation = _run,
            Number = Interlocked.Increment(ref _number),
            Sessions = sessions,
            ReplyTo = _replyTo,
        }).ToList();
        foreach (var beat in beats)
        {
            _link.Publish(
                _names.Exchange(typeof(Heartbeat)), beat, new SendOptions { TimeToLive = Interval });
        }
        var sent = Clock.Now;
        while (beats.Exists(beat => !_renewals.ContainsKey(beat.Number)))
        {
            if (Clock.Since(sent) > _ttl) throw new LoadException("The crowd's renewals are not answered.");
            await Clock.Wait(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
        var held = 0;
        foreach (var beat in beats)
        {
            _renewals.TryRemove(beat.Number, out var grants);
            if (grants < 0) throw new LoadException("A session of the crowd has expired.");
            held += grants;
        }
        return held;
    }

    /// <summary>Renews as a client does, until it is cancelled.</summary>
    public async Task KeepAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            do
            {
                await RenewAsync(stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // No longer wanted.
        }
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A batch at a time: the next is sent when all of this one are answered.</summary>
    private async Task CommandAsync(
        int count, Func<int, LockCommand> command, CancellationToken cancellationToken)
    {
        foreach (var numbers in Enumerable.Range(0, count).Chunk(Together))
        {
            var counting = new Counting(numbers.Length);
            lock (_gate)
            {
                _counting = counting;
            }
            _link.Publish(_names.Exchange(typeof(LockCommandBatch)), new LockCommandBatch
            {
                ReplyTo = _replyTo,
                Commands = [.. numbers.Select(command)],
            });
            try
            {
                await counting.Done.Task.WaitAsync(Patience, TimeProvider.System, cancellationToken);
            }
            catch (TimeoutException late)
            {
                throw new LoadException($"Of the crowd's batch {counting.Missing} were not answered.", late);
            }
        }
    }

    private void Receive(LinkMessage message)
    {
        if (message.Type == BusJson.TypeName(typeof(LockReplyBatch)))
        {
            lock (_gate)
            {
                foreach (var reply in message.Read<LockReplyBatch>().Replies)
                {
                    _counting.Count(reply);
                }
            }
        }
        else if (message.Type == BusJson.TypeName(typeof(HeartbeatAnswered)))
        {
            var answer = message.Read<HeartbeatAnswered>();
            var isAll = answer.Sessions.All(session => session.Status == RenewalStatus.Renewed);
            _renewals[answer.Number] = isAll ? answer.Sessions.Sum(session => session.Grants.Count) : -1;
        }
    }

    /// <summary>The answers of one batch that are still to come.</summary>
    private sealed class Counting(int missing)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Missing { get; private set; } = missing;

        public void Count(LockReply reply)
        {
            if (reply is { SessionOpened: null, LockGranted: null })
            {
                Done.TrySetException(new LoadException($"The crowd was answered {reply}."));
            }
            else if (--Missing == 0)
            {
                Done.TrySetResult();
            }
        }
    }
}

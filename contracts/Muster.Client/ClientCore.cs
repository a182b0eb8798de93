using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts;

namespace Muster.Client;

/// <summary>
/// The gate: every input (a call, a message, the timer, the link) is a step under one lock; what is to be
/// sent goes out after it, by the one thread that happens to pump. Nothing blocks or waits inside.
/// </summary>
internal sealed class ClientCore : IAsyncDisposable
{
    /// <summary>Timers have a limit of some 49 days; waits have none.</summary>
    public static readonly TimeSpan MaxTimer = TimeSpan.FromHours(1);
    /// <summary>How long whoever closes waits for the services' answers.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ClientParts _parts;
    private readonly BusLane _lane;
    private readonly ITimer _timer;
    private readonly ReplyAddress _replyTo;
    private readonly ILogger _logger;
    private readonly ClientHistory _history;
    private TimeSpan? _timerAt;
    private bool _isPumping;
    private bool _isClosed;

    public ClientCore(MusterOptions options, ILinkFactory factory, TimeProvider time, ILogger logger)
    {
        Options = options;
        Time = time;
        _logger = logger;
        _parts = new ClientParts(options, time, logger);
        _history = new ClientHistory(options, _parts);
        _lane = new BusLane(factory, options, OnMessage, time, logger);
        _replyTo = ReplyAddress.Inbox(_lane.Address);
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _lane.Up += OnUp;
        _lane.Down += OnDown;
    }

    public MusterOptions Options { get; }

    public TimeProvider Time { get; }

    public LeaseClock Clock => _parts.Clock;

    public bool IsConnected => _lane.IsUp;

    /// <summary>A thread sends; when it has, it sets the timer for what is due next.</summary>
    public bool IsPumping
    {
        get
        {
            lock (_gate)
            {
                return _isPumping;
            }
        }
    }

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        await _lane.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Connects in the background if that has not begun.</summary>
    public void Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(MusterClient));
            if (_history.Start())
            {
                ClientTelemetry.Add(this);
            }
        }
        _lane.Start();
    }

    /// <summary>One input to the parts, then whatever it gave to send.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public void Step(Action<ClientParts> input)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(MusterClient));
            Apply(input);
        }
        Pump();
    }

    /// <summary>
    /// As <see cref="Step"/>, but nothing when the client is disposed: everything has ended then.
    /// </summary>
    public void StepUnlessClosed(Action<ClientParts> input)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }
            Apply(input);
        }
        Pump();
    }

    /// <summary>Whether the acquire is held, as of now by the clock.</summary>
    public bool IsHeld(Acquire acquire)
    {
        if (acquire.Stage == AcquireStage.Held && !acquire.Session!.IsAlive(Clock))
        {
            StepUnlessClosed(_ => { }); // each step looks at the lease first
        }
        return acquire.Stage == AcquireStage.Held;
    }

    /// <summary>What the client is like now, by the clock.</summary>
    public ClientState Look()
    {
        StepUnlessClosed(_ => { }); // each step looks at the lease first
        lock (_gate)
        {
            return _history.Look(_lane.IsUp, _isClosed);
        }
    }

    /// <exception cref="InvalidOperationException">The options say that no events are received.</exception>
    public void RequireEvents()
    {
        if (!Options.ReceiveEvents)
        {
            throw new InvalidOperationException(
                $"This needs events, and {nameof(MusterOptions.ReceiveEvents)} is false in the options.");
        }
    }

    /// <summary>Why a call ended without an answer.</summary>
    public Exception Unanswered(
        string commandId, string what, Func<CancellationToken, Task<ResolvedOutcome>>? resolve = null)
    {
        lock (_gate)
        {
            return _isClosed
                ? new ObjectDisposedException(nameof(MusterClient))
                : new MusterUnknownException(
                    commandId, $"{what}: no answer within {Options.CallTimeout}.", resolve);
        }
    }

    public async ValueTask DisposeAsync()
    {
        IReadOnlyList<Task> open = [];
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }
            ClientTelemetry.Remove(this);
            _isClosed = true; // first: whoever is told of the end must find it closed
            Apply(parts => open = parts.Close());
        }
        Pump();
        if (open.Count > 0 && _lane.IsUp)
        {
            await WaitForCloseAsync(open).ConfigureAwait(false);
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _lane.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WaitForCloseAsync(IReadOnlyList<Task> open)
    {
        try
        {
            await Task.WhenAll(open).WaitAsync(CloseTimeout, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.CloseUnanswered(open.Count(task => !task.IsCompleted));
        }
    }

    private void Apply(Action<ClientParts> input)
    {
        // First the lease: nothing may be decided on one that has run out, however late the timers are.
        _parts.Locks.CheckLease();
        input(_parts);
        _parts.Admit();
    }

    /// <summary>
    /// Sends until there is nothing to send. One thread at a time: what others add meanwhile is taken by the
    /// next turn, and so gathers into batches without any delay.
    /// </summary>
    private void Pump()
    {
        lock (_gate)
        {
            if (_isPumping)
            {
                return;
            }
            _isPumping = true;
        }
        while (true)
        {
            object? message;
            lock (_gate)
            {
                message = _parts.Take(_replyTo, _lane.Address, _lane.Connection);
                if (message is null)
                {
                    _isPumping = false;
                    ArmTimer();
                    return;
                }
            }
            _lane.Publish(message);
        }
    }

    private void ArmTimer()
    {
        // An armed timer that fires early arms itself anew; only an earlier time needs a change.
        if (_parts.NextDue is { } next && !(_timerAt <= next))
        {
            _timerAt = next;
            var left = Math.Ceiling((next - Clock.Now).TotalMilliseconds);
            var wait = Math.Clamp(left, 1, MaxTimer.TotalMilliseconds);
            _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _timerAt = null;
            // Also when closed: the closing of the session may have to be sent again.
            Apply(parts => parts.Timetable.Run(parts.Clock.Now));
        }
        Pump();
    }

    private void OnUp()
    {
        _logger.LinkUp(_lane.Address);
        StepUnlessClosed(parts =>
        {
            _history.LinkUp();
            parts.LinkUp();
        });
    }

    private void OnDown(string reason)
    {
        _logger.LinkDown(reason);
        StepUnlessClosed(parts =>
        {
            _history.LinkDown();
            parts.LinkDown();
        });
    }

    private void OnMessage(LinkMessage message)
    {
        if (Inbox.Read(message, _logger) is not { } input)
        {
            return;
        }
        lock (_gate)
        {
            Apply(input); // also when closed: the answer to the session's closing
        }
        Pump();
    }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// Runs something in one process of many: stands for an election, runs it while that is held, hands over at a
/// stop, and stands again after a loss or a failure. <c>AddLeaderElectedService</c> is this in a host.
/// </summary>
public sealed class LeaderElectedRunner
{
    private readonly IElections _elections;
    private readonly string _election;
    private readonly Func<LeaderContext, CancellationToken, Task> _execute;
    private readonly LeaderElectedOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RestartPauses _pauses;
    private int _isRunning;
    private volatile LeaderContext? _current;

    /// <summary>For one election; nothing happens before <see cref="RunAsync"/>.</summary>
    /// <param name="elections">A client's elections; the client stays the caller's.</param>
    /// <param name="election">1 to 200 bytes of UTF-8 without control characters.</param>
    /// <param name="execute">The work; see <see cref="ILeaderElectedService.ExecuteAsync"/>.</param>
    /// <param name="options">Default: a new <see cref="LeaderElectedOptions"/>.</param>
    /// <param name="time">Default: the system's.</param>
    /// <param name="logger">Default: none.</param>
    /// <exception cref="ArgumentException">The election's name is no name.</exception>
    /// <exception cref="OptionsValidationException">
    /// The options break a rule; the message has the values.
    /// </exception>
    public LeaderElectedRunner(
        IElections elections, string election, Func<LeaderContext, CancellationToken, Task> execute,
        LeaderElectedOptions? options = null, TimeProvider? time = null,
        ILogger<LeaderElectedRunner>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(elections);
        ArgumentNullException.ThrowIfNull(execute);
        LeaderElectedOptions.CheckElection(election);
        _options = (options ?? new LeaderElectedOptions()).Copy();
        if (_options.Problems().ToList() is { Count: > 0 } problems)
        {
            throw new OptionsValidationException(election, typeof(LeaderElectedOptions), problems);
        }
        (_elections, _election, _execute) = (elections, election, execute);
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<LeaderElectedRunner>.Instance;
        _pauses = new RestartPauses(_options);
    }

    /// <summary>The leadership under which the work runs at the moment; null while it does not.</summary>
    public LeaderContext? Current => _current;

    /// <summary>
    /// Stands and works until <paramref name="stopping"/>, or until the options say to give up. At a stop it
    /// returns once the work has ended and the leadership is resigned: at most <see
    /// cref="LeaderElectedOptions.StopTimeout"/> and <see cref="MusterOptions.CallTimeout"/> later.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// It runs already, or work of an earlier run has not ended yet.
    /// </exception>
    /// <exception cref="MusterRefusedException">The lock service refuses the election's name.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="Exception">
    /// What the work threw, if <see cref="LeaderElectedOptions.WhenFailed"/> is to give up.
    /// </exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (Interlocked.Exchange(ref _isRunning, 1) == 1)
        {
            throw new InvalidOperationException(
                $"The service of {_election} runs already, or has not ended since it was told to stop.");
        }
        var turn = Turn.Again(TimeSpan.Zero);
        try
        {
            while (turn is { IsLast: false } && !stopping.IsCancellationRequested)
            {
                turn = await TakeTurnAsync(stopping).ConfigureAwait(false);
                if (!turn.IsLast && turn.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(turn.Pause, _time, stopping).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop while it waited: there is nothing to hand over.
        }
        finally
        {
            if (!turn.IsOverdue)
            {
                Volatile.Write(ref _isRunning, 0);
            }
        }
    }

    private async Task<Turn> TakeTurnAsync(CancellationToken stopping)
    {
        ILeadership leadership;
        try
        {
            leadership = await _elections.CampaignAsync(_election, _options.Value, null, stopping)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MusterUnknownException or TimeoutException
            or MusterRefusedException { Reason: not LockRefusal.NameInvalid })
        {
            var pause = _pauses.AfterFailure(TimeSpan.Zero);
            _logger.CampaignFailed(exception, _election, pause);
            return Turn.Again(pause);
        }
        var wonAt = _time.GetTimestamp();
        try
        {
            return await LeadAsync(leadership, stopping).ConfigureAwait(false);
        }
        finally
        {
            var isLost = leadership.IsLost;
            await leadership.DisposeAsync().ConfigureAwait(false);
            if (!isLost)
            {
                _logger.ElectionResigned(_election, _time.GetElapsedTime(wonAt));
            }
        }
    }

    private async Task<Turn> LeadAsync(ILeadership leadership, CancellationToken stopping)
    {
        var begunAt = _time.GetTimestamp();
        var run = new ElectedRun(leadership, _execute, stopping);
        _current = run.Context;
        _logger.ElectionWon(_election, leadership.FencingToken);
        await Task.WhenAny(run.Work, run.Told).ConfigureAwait(false);
        if (run.IsTold && !await EndsAsync(run, stopping).ConfigureAwait(false))
        {
            run.Context.Resign();
            _ = ForgetLaterAsync(run);
            return Turn.Overdue;
        }
        var ran = _time.GetElapsedTime(begunAt);
        var wasTold = run.IsTold; // before its end tells it too
        if (wasTold) _pauses.AfterTold(ran);
        try
        {
            await run.Work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (wasTold)
        {
            return Turn.Again(TimeSpan.Zero);
        }
        catch (Exception exception)
        {
            _logger.ServiceFailed(exception, _election, leadership.FencingToken);
            if (_options.WhenFailed == LeaderElectedEnd.GiveUp && !wasTold)
            {
                throw;
            }
            return Turn.Again(_pauses.AfterFailure(ran));
        }
        finally
        {
            _current = null;
            _ = run.EndAsync(_logger);
        }
        if (wasTold)
        {
            return Turn.Again(TimeSpan.Zero);
        }
        _logger.ServiceDone(_election, leadership.FencingToken);
        return _options.WhenDone == LeaderElectedEnd.GiveUp ? Turn.Last : Turn.Again(_pauses.AfterDone());
    }

    /// <summary>
    /// Waits for work that was told to stop. After a loss without limit, since another process works already
    /// and a second one here would only add to it; at a stop no longer than the options say, and then false.
    /// </summary>
    private async Task<bool> EndsAsync(ElectedRun run, CancellationToken stopping)
    {
        var toldAt = _time.GetTimestamp();
        var token = run.Context.FencingToken;
        var isLost = !stopping.IsCancellationRequested;
        if (isLost)
        {
            _logger.ElectionLost(_election, token);
        }
        while (true)
        {
            var hadToStop = stopping.IsCancellationRequested;
            if (await IsDoneWithinAsync(run.Work, hadToStop ? CancellationToken.None : stopping)
                .ConfigureAwait(false))
            {
                break;
            }
            if (hadToStop)
            {
                _logger.StopIgnored(_election, _time.GetElapsedTime(toldAt), token);
                return false;
            }
            if (!stopping.IsCancellationRequested)
            {
                _logger.LossIgnored(_election, token, _time.GetElapsedTime(toldAt));
            }
        }
        if (isLost)
        {
            _logger.EndedAfterLoss(_election, token, _time.GetElapsedTime(toldAt));
        }
        return true;
    }

    /// <summary>False: not within the stop time-out, or <paramref name="sooner"/> came first.</summary>
    private async Task<bool> IsDoneWithinAsync(Task work, CancellationToken sooner)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(sooner);
        await Task.WhenAny(work, Task.Delay(_options.StopTimeout, _time, waiting.Token))
            .ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        return work.IsCompleted;
    }

    /// <summary>Until this work has ended this runner begins no other.</summary>
    private async Task ForgetLaterAsync(ElectedRun run)
    {
        try
        {
            await run.Work.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (exception is not OperationCanceledException)
            {
                _logger.ServiceFailed(exception, _election, run.Context.FencingToken);
            }
        }
        _current = null;
        _ = run.EndAsync(_logger);
        Volatile.Write(ref _isRunning, 0);
    }

    private readonly record struct Turn(bool IsLast, bool IsOverdue, TimeSpan Pause)
    {
        public static Turn Last { get; } = new(true, false, default);

        public static Turn Overdue { get; } = new(true, true, default);

        public static Turn Again(TimeSpan pause) => new(false, false, pause);
    }
}

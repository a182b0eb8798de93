using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Consumers;
using Muster.Lock.Machine;
using Muster.Serving;

namespace Muster.Lock.History;

/// <summary>
/// One replica's history of one group: takes what its machine notes, stores it behind the replica's back, and
/// answers queries. One loop owns the file. What it cannot do costs history, never the service.
/// </summary>
public sealed class LockHistory
{
    /// <summary>Facts that may wait to be written, some 20 MB of them.</summary>
    private const int Capacity = 65_536;

    /// <summary>Queries that may wait; each may have to look at every row.</summary>
    private const int MostQuestions = 16;

    /// <summary>Rows that are forgotten at once, beside as many as came.</summary>
    private const int Slice = 5_000;

    /// <summary>Entries without a fact, after which the file is told how far it goes all the same.</summary>
    private const int MostQuiet = 1_000;

    /// <summary>Gathers for so long what is written in one transaction, unless a query comes.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    private readonly LockHistorySettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HistoryQueue _queue;
    private readonly Channel<Question?> _work = Channel.CreateBounded<Question?>(
        new BoundedChannelOptions(MostQuestions) { SingleReader = true });
    private HistorySpan _waiting = new();
    private HistoryFile? _file;
    private int _quiet;
    private int _isSignalled;
    private volatile string? _problem;

    public LockHistory(LockHistorySettings settings, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _time, _logger) = (settings, time, logger);
        _queue = new HistoryQueue(settings.Capacity ?? Capacity);
    }

    /// <summary>Why nothing is written now; null: all is well.</summary>
    public string? Problem => _problem;

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>On the replica's loop: the entries of this log follow.</summary>
    public void LogFollowed(string logId) => _queue.Begin(logId);

    /// <summary>On the replica's loop: an entry was applied. Never waits.</summary>
    /// <param name="index">The entry's.</param>
    /// <param name="facts">What it did; not kept.</param>
    /// <param name="isRestoration">It put a backup in the place of the state.</param>
    /// <param name="isLate">The replica is behind the log.</param>
    public void Applied(LogIndex index, IReadOnlyList<LockFact> facts, bool isRestoration, bool isLate)
    {
        ArgumentNullException.ThrowIfNull(facts);
        _queue.Add(index, facts, isRestoration, Now.ToUnixTimeMilliseconds(), isLate);
        _quiet = facts.Count > 0 || isRestoration ? MostQuiet : _quiet + 1;
        if (_quiet >= MostQuiet)
        {
            Signal();
        }
    }

    /// <summary>
    /// On the replica's loop: these entries, the last ones applied, were so with one that is refused now.
    /// </summary>
    public void Withdrawn(LogIndex from, LogIndex to)
    {
        _queue.Withdraw(from, to, Now.ToUnixTimeMilliseconds());
        Signal();
    }

    /// <summary>
    /// Answers with all that was applied before this call. Thread-safe, never blocks.
    /// </summary>
    /// <param name="query">Valid.</param>
    /// <param name="begun">The answer as far as the machine gives it.</param>
    /// <param name="answer">Called once, on the history's loop.</param>
    public void Read(ReadLockHistory query, LockHistoryRead begun, Action<LockReply> answer)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(answer);
        if (!_work.Writer.TryWrite(new(query, begun, answer)))
        {
            answer(LockCommands.Overloaded(query.CommandId));
        }
    }

    /// <summary>Writes and answers until it is cancelled, and once more then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _work.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var questions = Gather();
                if (questions.Count == 0)
                {
                    using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    await Task.WhenAny(
                        _work.Reader.WaitToReadAsync(enough.Token).AsTask(),
                        Task.Delay(Gathering, _time, enough.Token)).ConfigureAwait(false);
                    await enough.CancelAsync().ConfigureAwait(false);
                    questions = Gather();
                }
                Turn(questions);
            }
        }
        catch (OperationCanceledException)
        {
            // The replica stops: what it applied last is written below.
        }
        finally
        {
            _work.Writer.TryComplete();
            Turn(Gather());
            Close();
        }
    }

    private void Signal()
    {
        _quiet = 0;
        if (Interlocked.Exchange(ref _isSignalled, 1) == 0)
        {
            _work.Writer.TryWrite(null); // full: then queries wake it
        }
    }

    private List<Question> Gather()
    {
        var questions = new List<Question>();
        while (_work.Reader.TryRead(out var one))
        {
            if (one is not null)
            {
                questions.Add(one);
            }
        }
        return questions;
    }

    /// <summary>Stores before each answer, not once: each may have to look at every row.</summary>
    private void Turn(List<Question> questions)
    {
        if (questions.Count == 0)
        {
            Store();
        }
        foreach (var question in questions)
        {
            Store();
            Answer(question);
        }
    }

    private void Store()
    {
        Volatile.Write(ref _isSignalled, 0); // before what waits is taken: later facts signal again
        _waiting = _waiting.With(_queue.Take());
        var failure = Try(Write);
        if (HistoryFile.IsDamage(failure))
        {
            failure = Try(Write); // into a new file
        }
        if (failure is not null)
        {
            _waiting = _waiting.Unwritten(Now.ToUnixTimeMilliseconds());
        }
        Tell(failure);
    }

    private void Write()
    {
        _file ??= HistoryFile.Open(_settings.Path, _settings.MaxPages);
        var came = _file.Append(_waiting);
        _waiting = new() { LogId = _waiting.LogId };
        _file.Trim(
            _settings.MostEntries, (Now - _settings.Age).ToUnixTimeMilliseconds(), Slice + (came * 2));
    }

    private void Answer(Question question)
    {
        LockReply? reply = null;
        var failure = Try(() => reply = Read(question));
        question.Answer(reply ?? LockCommands.Refused(
            question.Query.CommandId, LockRefusal.NoHistory,
            $"The replica cannot read its history: {failure?.Message ?? _problem}"));
    }

    private LockReply? Read(Question question)
    {
        if (_file is null)
        {
            return null;
        }
        var page = _file.Read(question.Query);
        var coverage = _file.Coverage;
        var gaps = page.Gaps.Concat(_waiting.Gaps).Concat(_waiting.Withdrawn);
        return new()
        {
            LockHistoryRead = question.Begun with
            {
                Entries = [.. page.Rows.Select(row => row.ToEntry())],
                HasMore = page.HasMore,
                SinceIndex = new LogIndex(coverage?.Since ?? 0),
                Since = coverage is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(coverage.SinceAt),
                Gaps =
                [
                    .. gaps.Select(gap => new LockHistoryGap
                    {
                        FromIndex = new LogIndex(gap.From),
                        ToIndex = new LogIndex(gap.To),
                        Cause = gap.Cause,
                        At = DateTimeOffset.FromUnixTimeMilliseconds(gap.At),
                    }).OrderByDescending(gap => gap.FromIndex),
                ],
            },
        };
    }

    /// <summary>What is wrong with the file; one that is damaged is put aside.</summary>
    private Exception? Try(Action act)
    {
        try
        {
            act();
            return null;
        }
        // Whatever it is, it must not end the loop: health says it.
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (HistoryFile.IsDamage(failure))
            {
                PutAside(failure);
            }
            return failure;
        }
    }

    private void PutAside(Exception damage)
    {
        Close();
        if (_settings.Path.Length == 0)
        {
            return;
        }
        try
        {
            _logger.HistoryDamaged(_settings.Path, HistoryFile.PutAside(_settings.Path), damage.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.HistoryNotWritten(_settings.Path, failure.Message);
        }
    }

    private void Tell(Exception? failure)
    {
        var problem = failure is null ? null : $"its history is not written: {failure.Message}";
        if (problem == _problem)
        {
            return;
        }
        if (failure is not null)
        {
            _logger.HistoryNotWritten(_settings.Path, failure.Message);
        }
        else
        {
            _logger.HistoryWritten(_settings.Path);
        }
        _problem = problem;
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private sealed record Question(ReadLockHistory Query, LockHistoryRead Begun, Action<LockReply> Answer);
}

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Muster.Broker;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.History;
using Muster.Lock.Machine;
using Xunit;

namespace Muster.Host.Tests.History;

/// <summary>A history that is fed by hand, and started and stopped as a process does it.</summary>
internal sealed class RecordedHistory : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RecordedHistory(LockHistorySettings settings, FakeTimeProvider time, string logId)
    {
        Time = time;
        History = new LockHistory(settings, time, NullLogger.Instance);
        History.LogFollowed(logId);
        _running = History.RunAsync(_stop.Token);
    }

    public FakeTimeProvider Time { get; }

    public LockHistory History { get; }

    /// <summary>In a folder of its own; nothing is there yet.</summary>
    public static LockHistorySettings NewFile() => new(
        Path.Combine(Scratch.NewFolder("history"), "lock.a.history.db"), 1_000, TimeSpan.FromDays(7));

    public static RecordedHistory Start(
        LockHistorySettings settings, string logId = "log", FakeTimeProvider? time = null) =>
        new(settings, time ?? new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, default)), logId);

    /// <summary>An entry grants these names, one after the other.</summary>
    public void Grant(long index, params string[] names) => History.Applied(
        new LogIndex(index), [.. names.Select(name => Fact(index, name))],
        isRestoration: false, isLate: false);

    public async Task<LockReply> AskAsync(ReadLockHistory query)
    {
        var answered = new TaskCompletionSource<LockReply>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        History.Read(query, new() { CommandId = query.CommandId }, answered.SetResult);
        return await answered.Task.WaitAsync(
            TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public async Task<LockHistoryRead> ReadAsync(ReadLockHistory? query = null) =>
        (await AskAsync(query ?? new() { Limit = 1_000 })).LockHistoryRead!;

    /// <summary>Of each entry "index.ordinal name".</summary>
    public async Task<IEnumerable<string>> PlacesAsync(ReadLockHistory? query = null) =>
        (await ReadAsync(query)).Entries.Select(entry => $"{entry.Index}.{entry.Ordinal} {entry.Name}");

    public async Task<IEnumerable<string>> GapsAsync() =>
        (await ReadAsync()).Gaps.Select(gap => $"{gap.FromIndex}-{gap.ToIndex} {gap.Cause}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    public static LockFact Fact(long index, string name) => new()
    {
        Kind = LockHistoryKind.Granted,
        Time = index * 10,
        Names = [name],
        SessionId = "s-" + name,
        Owner = "o",
        AcquireId = $"a{index}",
        Token = new FencingToken(index + 100),
        DurationMilliseconds = 0,
    };
}

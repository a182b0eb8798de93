using System.Diagnostics.CodeAnalysis;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Puts committed entries into the log's order and drops those already applied. What came too early waits
/// here, up to a limit; above it the newest are dropped, and read again once the gap below is filled.
/// </summary>
internal sealed class ApplyQueue(int maxEarlyEntries = 4_096, long maxEarlyBytes = 32 * 1024 * 1024)
{
    private readonly Queue<LogEntry> _ready = new();
    private readonly SortedDictionary<LogIndex, LogEntry> _early = [];
    private long _earlyBytes;
    private LogIndex _nextReady = new(1);

    public LogIndex Applied { get; private set; }

    /// <summary>The highest index known to be committed.</summary>
    public LogIndex KnownCommit { get; private set; }

    public bool IsBehind => KnownCommit > Applied;

    public int EarlyCount => _early.Count;

    public void Add(IReadOnlyList<LogEntry> entries, LogIndex commitIndex)
    {
        NoticeCommit(commitIndex);
        foreach (var entry in entries)
        {
            NoticeCommit(entry.Index);
            Add(entry);
        }
    }

    public void NoticeCommit(LogIndex commitIndex)
    {
        if (commitIndex > KnownCommit)
        {
            KnownCommit = commitIndex;
        }
    }

    /// <summary>The entry to apply next; <see cref="Advance"/> once that is done.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out LogEntry entry) => _ready.TryPeek(out entry);

    /// <summary>What is known to come behind the next entry, in order and without a gap.</summary>
    public IReadOnlyList<LogEntry> BehindNext => [.. _ready.Skip(1)];

    public void Advance() => Applied = _ready.Dequeue().Index;

    /// <summary>A snapshot replaced the machine's state: all up to its index is in it.</summary>
    public void JumpTo(LogIndex index)
    {
        if (index <= Applied)
        {
            throw new InvalidOperationException(
                $"A snapshot at {index} would take the machine back from {Applied}.");
        }
        Applied = index;
        while (_ready.TryPeek(out var ready) && ready.Index <= index)
        {
            _ready.Dequeue();
        }
        if (_nextReady <= index)
        {
            _nextReady = index.Next();
        }
        NoticeCommit(index);
        Release();
    }

    private void Add(LogEntry entry)
    {
        if (entry.Index == _nextReady)
        {
            _ready.Enqueue(entry);
            _nextReady = _nextReady.Next();
            Release();
        }
        else if (entry.Index > _nextReady && _early.Count < maxEarlyEntries
            && _earlyBytes + entry.Payload.Length <= maxEarlyBytes && _early.TryAdd(entry.Index, entry))
        {
            _earlyBytes += entry.Payload.Length;
        }
    }

    /// <summary>Moves what is next in order out of the early ones, and drops what has become old.</summary>
    private void Release()
    {
        while (_early.Count > 0 && _early.First() is var (index, entry) && index <= _nextReady)
        {
            _early.Remove(index);
            _earlyBytes -= entry.Payload.Length;
            if (index == _nextReady)
            {
                _ready.Enqueue(entry);
                _nextReady = _nextReady.Next();
            }
        }
    }
}

using System.Runtime.CompilerServices;

namespace Muster.Client;

/// <summary>
/// News for one reader, the newest for each key: a slow reader misses what was in between, never the last.
/// What came and went unread is none, so the box holds no more than the keys that are and those of which the
/// reader was told. Thread-safe; one reader.
/// </summary>
internal sealed class Mailbox<T>
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Item> _waiting = new();
    private readonly Dictionary<string, LinkedListNode<Item>> _byKey = new(StringComparer.Ordinal);

    private TaskCompletionSource _arrived = NewSignal();
    private Exception? _end;

    /// <param name="key">What it is of.</param>
    /// <param name="news">The news.</param>
    /// <param name="isNew">The key was not there before, by all that was put; false: perhaps.</param>
    public void Put(string key, T news, bool isNew = false)
    {
        lock (_gate)
        {
            // What waits already was the first since the reader was told.
            Add(new(key, news, Take(key)?.IsNew ?? isNew));
        }
    }

    /// <summary>The key is gone. No news to a reader who has not been told that it came.</summary>
    public void PutGone(string key, T news)
    {
        lock (_gate)
        {
            if (Take(key) is not { IsNew: true })
            {
                Add(new(key, news, IsNew: false));
            }
        }
    }

    /// <summary>Ends the reading after what is waiting.</summary>
    public void End(Exception cause)
    {
        lock (_gate)
        {
            _end ??= cause;
            _arrived.TrySetResult();
        }
    }

    /// <summary>Waits for news, for ever; ends only by <see cref="End"/> or cancellation.</summary>
    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task arrived;
            Item? next = null;
            lock (_gate)
            {
                if (_waiting.First is { } first)
                {
                    _waiting.RemoveFirst();
                    next = first.Value;
                    _byKey.Remove(next.Key);
                }
                else if (_end is not null)
                {
                    throw _end;
                }
                else if (_arrived.Task.IsCompleted)
                {
                    _arrived = NewSignal();
                }
                arrived = _arrived.Task;
            }
            if (next is not null)
            {
                yield return next.News;
                continue;
            }
            await arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Item? Take(string key)
    {
        if (!_byKey.Remove(key, out var waiting))
        {
            return null;
        }
        _waiting.Remove(waiting);
        return waiting.Value;
    }

    private void Add(Item item)
    {
        _byKey[item.Key] = _waiting.AddLast(item);
        _arrived.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waits; of a new key the reader knows nothing yet.</summary>
    private sealed record Item(string Key, T News, bool IsNew);
}

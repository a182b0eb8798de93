using System.Runtime.CompilerServices;

namespace Muster.Client;

/// <summary>
/// News for one reader, the newest for each key: a slow reader misses what was in between, never the last,
/// and the box holds no more than there are keys. Thread-safe; one reader.
/// </summary>
internal sealed class Mailbox<T>
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Key, T News)> _waiting = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, T News)>> _byKey =
        new(StringComparer.Ordinal);

    private TaskCompletionSource _arrived = NewSignal();
    private Exception? _end;

    public void Put(string key, T news)
    {
        lock (_gate)
        {
            if (_byKey.Remove(key, out var older))
            {
                _waiting.Remove(older);
            }
            _byKey[key] = _waiting.AddLast((key, news));
            _arrived.TrySetResult();
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
            (string Key, T News)? next = null;
            lock (_gate)
            {
                if (_waiting.First is { } first)
                {
                    _waiting.RemoveFirst();
                    _byKey.Remove(first.Value.Key);
                    next = first.Value;
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
            if (next is { } found)
            {
                yield return found.News;
                continue;
            }
            await arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}

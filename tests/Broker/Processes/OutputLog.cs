namespace Muster.Broker;

/// <summary>
/// What a process prints: all of it in a file, the latest lines in memory, and whoever waits for a line.
/// </summary>
internal sealed class OutputLog(string path) : IDisposable
{
    private const int MostLines = 4_000;

    private readonly Lock _gate = new();
    private readonly StreamWriter _file = new(path) { AutoFlush = true };
    private readonly Queue<string> _lines = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waiting = [];
    private bool _ended;

    /// <summary>Lines printed so far.</summary>
    public long Count { get; private set; }

    public string Path => path;

    public void Add(string? line)
    {
        lock (_gate)
        {
            if (line is null || _ended)
            {
                return;
            }
            _file.WriteLine(line);
            Count++;
            _lines.Enqueue(line);
            if (_lines.Count > MostLines)
            {
                _lines.Dequeue();
            }
            foreach (var waiting in _waiting.Where(waiting => waiting.Matches(line)).ToList())
            {
                waiting.Found.SetResult(line);
                _waiting.Remove(waiting);
            }
        }
    }

    /// <summary>
    /// The first line after the first <paramref name="after"/> that matches; cancelled when the process ends
    /// first.
    /// </summary>
    public Task<string> FindAsync(Func<string, bool> matches, long after)
    {
        lock (_gate)
        {
            var dropped = Count - _lines.Count;
            var known = _lines.Skip((int)Math.Max(0, after - dropped)).FirstOrDefault(matches);
            if (known is not null)
            {
                return Task.FromResult(known);
            }
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_ended)
            {
                found.SetCanceled();
            }
            else
            {
                _waiting.Add((matches, found));
            }
            return found.Task;
        }
    }

    public IReadOnlyList<string> Last(int count)
    {
        lock (_gate)
        {
            return [.. _lines.TakeLast(count)];
        }
    }

    /// <summary>The process has ended and printed everything.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _waiting.ForEach(waiting => waiting.Found.SetCanceled());
            _waiting.Clear();
            _file.Dispose();
        }
    }

    public void Dispose() => End();
}

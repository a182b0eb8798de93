using Muster.Testing;

namespace Muster.Worker;

/// <summary>
/// Writes down what happens before the next thing does: a line is with the system, and outlives a SIGKILL,
/// when the call returns. So no command is sent whose invocation is not recorded. Thread-safe.
/// </summary>
internal sealed class Recording(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _writer = new(path) { AutoFlush = true };
    private long _last;

    /// <summary>Now; above all that it gave before.</summary>
    public long Now()
    {
        lock (_gate)
        {
            var nanoseconds = (long)(TimeProvider.System.GetTimestamp()
                * (1e9m / TimeProvider.System.TimestampFrequency));
            return _last = Math.Max(_last + 1, nanoseconds);
        }
    }

    /// <summary>Before a call is made.</summary>
    public void Invoke(string model, long process, string function, string key, string? text = null,
        string? newText = null) =>
        Add(new RecordedEvent(model, process, EventType.Invoke, Now())
        {
            Function = function,
            Key = key,
            Text = text,
            NewText = newText,
        });

    /// <summary>After it returned.</summary>
    public void Ok(string model, long process, string? text = null, bool? result = null) =>
        Add(new RecordedEvent(model, process, EventType.Ok, Now()) { Text = text, Result = result });

    /// <summary>Nobody knows what became of it.</summary>
    public void Unknown(string model, long process) =>
        Add(new RecordedEvent(model, process, EventType.Info, Now()));

    public void Add(params IReadOnlyList<RecordedEvent> events) => Add(new RecordedLine { Events = events });

    public void Add(RecordedGrant grant) => Add(new RecordedLine { Grant = grant });

    public void Add(RecordedWrite write) => Add(new RecordedLine { Write = write });

    public void Dispose() => _writer.Dispose();

    private void Add(RecordedLine line)
    {
        lock (_gate)
        {
            _writer.WriteLine(line.ToString());
        }
    }
}

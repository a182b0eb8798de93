using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Muster.Consensus.Tests.Cluster;

/// <summary>
/// Keeps what the nodes log and lets a test wait for a line: a barrier where a node has no other word to say.
/// </summary>
internal sealed class LogBook : ILoggerFactory, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<(int Event, string Text)> _lines = [];
    private readonly List<Channel<(int Event, string Text)>> _readers = [];

    public async Task<string> WaitForAsync(int eventId, string part)
    {
        var reader = Channel.CreateUnbounded<(int Event, string Text)>();
        lock (_gate)
        {
            _lines.ForEach(line => reader.Writer.TryWrite(line));
            _readers.Add(reader);
        }
        await foreach (var line in reader.Reader.ReadAllAsync(TestLimit.Token()))
        {
            if (line.Event == eventId && line.Text.Contains(part, StringComparison.Ordinal)) return line.Text;
        }
        throw new InvalidOperationException("The log never ends.");
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var line = (eventId.Id, formatter(state, exception));
        lock (_gate)
        {
            _lines.Add(line);
            _readers.ForEach(reader => reader.Writer.TryWrite(line));
        }
    }

    public void Dispose()
    {
    }
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Muster.Replication.Tests;

/// <summary>Lets a test wait for what is logged, by its event id.</summary>
internal sealed class EventLog : ILogger
{
    private readonly Channel<int> _events = Channel.CreateUnbounded<int>();

    public async Task WaitForAsync(int eventId, CancellationToken cancellationToken)
    {
        while (await _events.Reader.ReadAsync(cancellationToken) != eventId)
        {
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => _events.Writer.TryWrite(eventId.Id);
}

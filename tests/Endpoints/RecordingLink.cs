using Muster.Bus;

namespace Muster.Endpoints.Tests;

/// <summary>A link that keeps what is sent; up or down as told.</summary>
public sealed class RecordingLink : IBusLink
{
    private readonly List<(string Kind, string To, object Message, string? CorrelationId)> _sent = [];

    public IReadOnlyList<(string Kind, string To, object Message, string? CorrelationId)> Sent
    {
        get
        {
            lock (_sent)
            {
                return [.. _sent];
            }
        }
    }

    public string Address => "recording";

    public string Incarnation => "recording.1";

    public bool IsUp { get; set; } = true;

    public event Action<string>? Up;

    public event Action<string>? Down;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Up?.Invoke(Incarnation);
        return Task.CompletedTask;
    }

    public bool Send<T>(string address, T message, SendOptions? options = null) where T : class =>
        Keep("inbox", address, message, options);

    public bool Publish<T>(string exchange, T message, SendOptions? options = null) where T : class =>
        Keep("exchange", exchange, message, options);

    public bool SendToQueue<T>(string queue, T message, SendOptions? options = null) where T : class =>
        Keep("queue", queue, message, options);

    public Task<bool> PublishEventAsync<T>(T message, CancellationToken cancellationToken) where T : class
    {
        Keep("event", "", message, null);
        return Task.FromResult(true);
    }

    public ValueTask DisposeAsync()
    {
        Down?.Invoke(Incarnation);
        return ValueTask.CompletedTask;
    }

    private bool Keep(string kind, string to, object message, SendOptions? options)
    {
        if (!IsUp)
        {
            return false;
        }
        lock (_sent)
        {
            _sent.Add((kind, to, message, options?.CorrelationId));
        }
        return true;
    }
}

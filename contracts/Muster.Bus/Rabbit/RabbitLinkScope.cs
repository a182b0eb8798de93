using Microsoft.Extensions.Logging;

namespace Muster.Bus;

/// <summary>What the parts of one link share over all its connects.</summary>
internal sealed record RabbitLinkScope(
    RabbitLinkSettings Settings, BusNames Names, LinkOptions Options, ILogger Logger, TimeProvider Time)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    private int _hintsRefused;

    public LogThrottle DropLog { get; } = new(Time, LogInterval);

    public LogThrottle SendLog { get; } = new(Time, LogInterval);

    public LogThrottle FaultLog { get; } = new(Time, LogInterval);

    public LogThrottle RejectLog { get; } = new(Time, LogInterval);

    public LogThrottle ConnectLog { get; } = new(Time, LogInterval);

    public MessageTypes Types { get; } = new(Names);

    public string Address => Options.Address;

    /// <summary>Said once, not at every reconnect.</summary>
    public void HintsRefused(string reason)
    {
        if (Interlocked.Exchange(ref _hintsRefused, 1) == 0)
        {
            Logger.NoHints(Address, reason);
        }
    }

    public void Dropped(string exchange, string? type, string reason)
    {
        if (DropLog.Allows(out var suppressed))
        {
            Logger.MessageDropped(Address, exchange, type, reason, suppressed);
        }
    }

    public void Rejected(string queue, string? type, string reason)
    {
        if (RejectLog.Allows(out var suppressed))
        {
            Logger.WorkRejected(queue, type, reason, suppressed);
        }
    }

    public void TooLarge(string destination, string type, int bytes)
    {
        if (SendLog.Allows(out var suppressed))
        {
            Logger.SendFailed(
                Address, destination,
                $"a {type} of {bytes} bytes is larger than the broker takes, and was dropped", suppressed);
        }
    }

    public void HandlerFailed(string type, Exception exception)
    {
        if (FaultLog.Allows(out var suppressed))
        {
            Logger.HandlerFailed(Address, type, suppressed, exception);
        }
    }
}

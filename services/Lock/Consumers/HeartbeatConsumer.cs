using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Detector;

namespace Muster.Lock.Consumers;

/// <summary>
/// Takes heartbeats from the lock service's own queue. They are acknowledged at once: a renewal that is lost
/// with its replica is repeated by the next heartbeat.
/// </summary>
public sealed partial class HeartbeatConsumer(LockIntake intake, ILogger<HeartbeatConsumer> logger)
{
    public void Consume(LinkMessage message)
    {
        try
        {
            var heartbeat = message.Read<Heartbeat>();
            intake.Take(heartbeat with { ReplyTo = heartbeat.ReplyTo ?? message.Sender });
            message.Ack();
        }
        catch (JsonException exception)
        {
            LogMalformed(message.MessageId, exception.Message);
            message.Reject();
        }
    }

    [LoggerMessage(3102, LogLevel.Warning,
        "A heartbeat is malformed and goes to the error queue: {MessageId} {Why}")]
    private partial void LogMalformed(string? messageId, string why);
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Detector;

namespace Muster.Serving;

/// <summary>
/// Takes heartbeats from the service's own work queue <c>muster-SERVICE-heartbeats</c>. They are acknowledged
/// at once: a renewal that is lost with its replica is repeated by the next heartbeat.
/// </summary>
/// <param name="service">The service's name in the queue's: lock.</param>
/// <param name="take">Takes a heartbeat, whose address is filled in; must not block.</param>
/// <param name="maxMessageBytes">A larger one goes to the error queue unread.</param>
/// <param name="logger">Where malformed heartbeats are reported.</param>
public sealed partial class HeartbeatIntake(
    string service, Action<Heartbeat> take, int maxMessageBytes, ILogger logger)
{
    /// <summary>
    /// A replica that stands still keeps what it was handed until the broker gives its connection up, some 20
    /// s later. Of three heartbeats a session needs two in turn not to be lost; with one at a time no replica
    /// can take two. Each is acknowledged at once, so one at a time are still some thousand a second.
    /// </summary>
    private const ushort HeartbeatsAtATime = 1;

    /// <summary>
    /// As the contract says. What becomes several entries repeats its sender's name in each of them, and in
    /// their answers.
    /// </summary>
    private const int MostNameCharacters = 256;

    private const int MostIdCharacters = 128;

    /// <summary>Sessions, and leases, of one heartbeat.</summary>
    private const int MostIds = 10_000;

    /// <summary>No queue or inbox has a longer one, and no request a longer id.</summary>
    private const int MostAddressCharacters = 1_024;

    private const int MostRequestIdCharacters = 255;

    private static readonly string Contract = BusJson.TypeName(typeof(Heartbeat));

    /// <summary>A burst of old heartbeats after a stall must revive nobody.</summary>
    private static readonly TimeSpan HeartbeatLife = TimeSpan.FromSeconds(2);

    /// <summary>The queue, for the service's link.</summary>
    public WorkQueue Queue(BusNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new()
        {
            Name = names.Queue($"muster-{service}-heartbeats"),
            Exchanges = [names.Exchange(typeof(Heartbeat))],
            OnMessage = Consume,
            Prefetch = HeartbeatsAtATime,
            MessageTtl = HeartbeatLife,
        };
    }

    public void Consume(LinkMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Type != Contract)
        {
            LogMalformed(service, message.MessageId, $"{message.Type} is no {Contract}");
            message.Reject();
            return;
        }
        if (message.Body.Length > maxMessageBytes)
        {
            LogMalformed(
                service, message.MessageId,
                $"it has {message.Body.Length} bytes; Bus:MaxMessageBytes is {maxMessageBytes}");
            message.Reject();
            return;
        }
        try
        {
            var heartbeat = message.Read<Heartbeat>();
            if (Problem(heartbeat) is { } problem)
            {
                LogMalformed(service, message.MessageId, problem);
                message.Reject();
                return;
            }
            take(heartbeat with { ReplyTo = UsableOf(heartbeat.ReplyTo ?? message.Sender) });
            message.Ack();
        }
        catch (JsonException exception)
        {
            LogMalformed(service, message.MessageId, exception.Message);
            message.Reject();
        }
    }

    private static string? Problem(Heartbeat beat) =>
        beat.Node.Length > MostNameCharacters || beat.Incarnation.Length > MostNameCharacters
            ? $"its node and incarnation have {beat.Node.Length} and {beat.Incarnation.Length} characters, "
                + $"at most {MostNameCharacters}"
            : Problem("sessions", beat.Sessions) ?? Problem("leases", beat.Leases);

    private static string? Problem(string what, IReadOnlyList<string?> ids)
    {
        if (ids.Count > MostIds)
        {
            return $"it names {ids.Count} {what}, at most {MostIds}";
        }
        return ids.FirstOrDefault(id => id?.Length > MostIdCharacters) is { } id
            ? $"an id of its {what} has {id.Length} characters, at most {MostIdCharacters}"
            : null;
    }

    /// <summary>What no answer could be sent to need not go into the log.</summary>
    private static ReplyAddress? UsableOf(ReplyAddress? address) => address is
    {
        Address.Length: <= MostAddressCharacters, RequestId.Length: <= MostRequestIdCharacters
    }
        ? address
        : null;

    [LoggerMessage(3102, LogLevel.Warning,
        "A heartbeat for the {Service} service is not taken and goes to the error queue: {MessageId} {Why}")]
    private partial void LogMalformed(string service, string? messageId, string why);
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>Translates what comes to the client's inbox into inputs; nothing that comes can throw.</summary>
internal static class Inbox
{
    private static readonly string RepliesType = BusJson.TypeName(typeof(LockReplyBatch));
    private static readonly string HeartbeatType = BusJson.TypeName(typeof(HeartbeatAnswered));

    /// <summary>Null for a message that is dropped.</summary>
    public static Action<ClientParts>? Read(LinkMessage message, ILogger logger)
    {
        try
        {
            if (message.Type == RepliesType)
            {
                var replies = message.Read<LockReplyBatch>();
                return parts => parts.Answer(replies);
            }
            if (message.Type == HeartbeatType)
            {
                var answer = message.Read<HeartbeatAnswered>();
                return parts => parts.Sessions.OnHeartbeatAnswered(answer);
            }
            logger.MessageUnexpected(message.Type);
        }
        catch (JsonException exception)
        {
            logger.MessageMalformed(exception, message.Type);
        }
        return null;
    }
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Outcomes;

namespace Muster.Lock.Consumers;

/// <summary>
/// Takes the client's batches from the shared work queue; a batch is acknowledged
/// when all its commands are answered.
/// </summary>
public sealed partial class BatchConsumer(
    LockIntake intake, LockReplies replies, ILogger<BatchConsumer> logger)
{
    public const int MaxCommands = 1_000;

    public void Consume(LinkMessage message)
    {
        LockCommandBatch batch;
        try
        {
            batch = message.Read<LockCommandBatch>();
        }
        catch (JsonException exception)
        {
            LogMalformed(message.MessageId, exception.Message);
            message.Reject();
            return;
        }
        var sender = batch.ReplyTo ?? message.Sender;
        if (batch.Commands.Count is 0 or > MaxCommands)
        {
            Refuse(sender, $"A batch has 1 to {MaxCommands} commands; this one has {batch.Commands.Count}.");
            message.Ack();
            return;
        }
        var owed = batch.Commands.Count;
        foreach (var command in batch.Commands)
        {
            if (LockCommands.IsOfOneKind(command))
            {
                intake.Take(LockCommands.From(command, sender), Settled);
            }
            else
            {
                Refuse(sender, "A command of a batch has exactly one of its properties set.");
                Settled();
            }
        }

        void Settled()
        {
            if (Interlocked.Decrement(ref owed) == 0)
            {
                message.Ack();
            }
        }
    }

    private void Refuse(ReplyAddress? sender, string why) =>
        replies.Send(sender, LockCommands.Refused("", LockRefusal.BatchInvalid, why));

    [LoggerMessage(3101, LogLevel.Warning,
        "A lock command batch is malformed and goes to the error queue: {MessageId} {Why}")]
    private partial void LogMalformed(string? messageId, string why);
}

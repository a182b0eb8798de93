using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;

namespace Muster.Serving;

/// <summary>
/// Takes clients' batches from the service's shared work queue <c>muster-SERVICE-batches</c>; a batch is
/// acknowledged when all its commands are answered.
/// </summary>
/// <param name="service">The service's name in the queue's: lock.</param>
/// <param name="taker">Who takes the commands; asked for when the first batch comes, because it needs the
/// link that this queue is part of.</param>
/// <param name="maxMessageBytes">A larger batch does nothing: its commands are refused, each by its
/// id.</param>
/// <param name="logger">Where malformed batches are reported.</param>
public sealed partial class BatchIntake<TBatch, TCommand>(
    string service, Func<IBatchTaker<TBatch, TCommand>> taker, int maxMessageBytes, ILogger logger)
    where TBatch : class
    where TCommand : class
{
    public const int MaxCommands = 1_000;

    private static readonly string Contract = BusJson.TypeName(typeof(TBatch));

    /// <summary>The queue, for the service's link.</summary>
    public WorkQueue Queue(BusNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new()
        {
            Name = names.Queue($"muster-{service}-batches"),
            Exchanges = [names.Exchange(typeof(TBatch))],
            OnMessage = Consume,
            MessageTtl = Batches.Life,
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
        TBatch batch;
        try
        {
            batch = message.Read<TBatch>();
        }
        catch (JsonException exception)
        {
            LogMalformed(service, message.MessageId, exception.Message);
            message.Reject();
            return;
        }
        if (message.Body.Length > maxMessageBytes)
        {
            RefuseLarge(message, batch, taker());
            return;
        }
        Take(message, batch, taker());
    }

    private void RefuseLarge(LinkMessage message, TBatch batch, IBatchTaker<TBatch, TCommand> taker)
    {
        var why = $"The batch has {message.Body.Length} bytes; Bus:MaxMessageBytes is {maxMessageBytes}.";
        if ((taker.ReplyToOf(batch) ?? message.Sender) is not { } sender)
        {
            LogMalformed(service, message.MessageId, why);
            message.Reject();
            return;
        }
        var commands = taker.CommandsOf(batch).Where(taker.IsOfOneKind).Take(MaxCommands + 1).ToList();
        if (commands.Count is 0 or > MaxCommands)
        {
            taker.Refuse("", sender, why);
        }
        else
        {
            commands.ForEach(command => taker.Refuse(taker.IdOf(command!), sender, why));
        }
        message.Ack();
    }

    private static void Take(LinkMessage message, TBatch batch, IBatchTaker<TBatch, TCommand> taker)
    {
        var sender = taker.ReplyToOf(batch) ?? message.Sender;
        var commands = taker.CommandsOf(batch);
        if (commands.Count is 0 or > MaxCommands)
        {
            taker.Refuse(
                "", sender, $"A batch has 1 to {MaxCommands} commands; this one has {commands.Count}.");
            message.Ack();
            return;
        }
        var owed = commands.Count;
        foreach (var command in commands)
        {
            if (!taker.IsOfOneKind(command))
            {
                taker.Refuse("", sender, "A command of a batch has exactly one of its properties set.");
                Settled();
            }
            else if (Traced(command!) is { } trace)
            {
                TakeTraced(command!, trace);
            }
            else
            {
                taker.Take(command!, sender, Settled);
            }
        }

        // Not in the loop: what a lambda captures there is allocated for each command, traced or not.
        void TakeTraced(TCommand command, CommandTrace trace) =>
            trace.Run(() => taker.Take(command, sender, () => trace.End(Settled)));

        CommandTrace? Traced(TCommand command) =>
            taker.TraceParentOf(command) is { } sent
                ? CommandTrace.Begin(command, taker.IdOf(command), sent)
                : null;

        void Settled()
        {
            if (Interlocked.Decrement(ref owed) == 0)
            {
                message.Ack();
            }
        }
    }

    [LoggerMessage(3101, LogLevel.Warning,
        "A {Service} command batch cannot be taken and goes to the error queue: {MessageId} {Why}")]
    private partial void LogMalformed(string service, string? messageId, string why);
}

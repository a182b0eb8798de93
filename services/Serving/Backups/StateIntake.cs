using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Recovery;
using Muster.Hosting;
using Muster.Replication;
using Muster.Replication.Core;

namespace Muster.Serving;

/// <summary>
/// Takes requests to read and to replace a group's whole state from the work queue <c>muster-state-GROUP</c>,
/// which all its replicas share, one at a time. A message is acknowledged when its answer is sent.
/// </summary>
/// <param name="group">The group's name.</param>
/// <param name="runtime">The replica; asked for when the first message comes, because it needs the sink that
/// needs this.</param>
/// <param name="sender">Sends answers over the link that this queue is part of; asked for as above.</param>
/// <param name="entryOf">The restoration as the service's log takes it.</param>
/// <param name="time">Where epochs and token floors come from.</param>
/// <param name="logger">Where restorations and malformed messages are told.</param>
public sealed partial class StateIntake<TCommand, TEffect, TMachine>(
    string group, Func<ReplicaRuntime<TCommand, TEffect>> runtime, Func<IReplySender> sender,
    Func<StateRestoration, TCommand> entryOf, TimeProvider time, ILogger logger)
    where TMachine : class, IStateMachine<TEffect>, IRestorableMachine
{
    /// <summary>Who asks gives up after seconds, and asks again.</summary>
    private static readonly TimeSpan RequestLife = TimeSpan.FromSeconds(30);

    private readonly PendingAnswers _pending = new();

    /// <summary>The queue, for the service's link.</summary>
    public WorkQueue Queue(BusNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new()
        {
            Name = names.Queue("muster-state-" + group),
            Exchanges = [],
            OnMessage = Consume,
            // A state is megabytes: no two at a time.
            Prefetch = 1,
            MessageTtl = RequestLife,
        };
    }

    public void Consume(LinkMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            if (message.Type == BusJson.TypeName(typeof(ReadGroupState)))
            {
                var query = message.Read<ReadGroupState>();
                _ = ReadAsync(query with { ReplyTo = query.ReplyTo ?? message.Sender }, message);
            }
            else if (message.Type == BusJson.TypeName(typeof(RestoreGroupState)))
            {
                var restore = message.Read<RestoreGroupState>();
                Restore(restore with { ReplyTo = restore.ReplyTo ?? message.Sender }, message);
            }
            else
            {
                LogMalformed(group, message.MessageId, $"{message.Type} is no request about a state");
                message.Reject();
            }
        }
        catch (JsonException exception)
        {
            LogMalformed(group, message.MessageId, exception.Message);
            message.Reject();
        }
    }

    /// <summary>A restoration that this replica proposed is applied; on the replica's loop.</summary>
    public void Answer(RestorationOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (outcome.Restored is { } restored)
        {
            LogRestored(group, restored.Epoch, restored.Index.Value, restored.CommandId);
        }
        Send(outcome);
    }

    /// <summary>Nobody can say yet whether it was done.</summary>
    public void Unknown(StateRestoration restoration) => InDoubt(
        restoration, "No leader confirmed the restoration in time; send it again with the same id.");

    /// <summary>It was surely not proposed.</summary>
    public void Refused(StateRestoration restoration) => InDoubt(
        restoration, "The replica has too many commands waiting; send it again later.");

    /// <summary>It was not proposed, and never can be.</summary>
    public void TooLarge(StateRestoration restoration)
    {
        ArgumentNullException.ThrowIfNull(restoration);
        Send(RestorationOutcome.Refuse(restoration, group, "The state is larger than an entry of the log."));
    }

    private void InDoubt(StateRestoration restoration, string message)
    {
        ArgumentNullException.ThrowIfNull(restoration);
        var outcome = RestorationOutcome.Refuse(restoration, group, message);
        Send(outcome with { Refused = outcome.Refused! with { IsUnknown = true } });
    }

    private void Send(RestorationOutcome outcome)
    {
        if (outcome.ReplyTo is { } to)
        {
            sender().Send<object>(to, (object?)outcome.Restored ?? outcome.Refused!);
        }
        _pending.Settle(outcome.ReplyTo, outcome.CommandId);
    }

    private async Task ReadAsync(ReadGroupState query, LinkMessage message)
    {
        object answer;
        try
        {
            var read = await runtime().ReadAsync(
                (TMachine machine) => Read(query, machine), CancellationToken.None);
            answer = read.IsKnown
                ? read.Result!
                : Refuse(query, "No leader confirmed the read in time; ask again.", isUnknown: true);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            answer = Refuse(query, failed.Message, isUnknown: true);
        }
        if (query.ReplyTo is { } to)
        {
            sender().Send(to, answer);
        }
        message.Ack();
    }

    private object Read(ReadGroupState query, TMachine machine)
    {
        if (query.Group != group)
        {
            return Refuse(query, $"This is the group {group}, not '{query.Group}'.");
        }
        if (!machine.IsInitialized)
        {
            return Refuse(query, "The group is not founded yet; ask again shortly.", isUnknown: true);
        }
        var whole = machine.TakeSnapshot();
        if (SnapshotEnvelope.TryWrite(whole) is not { Length: <= StateRestoration.MaxStateBytes } state)
        {
            return Refuse(query, $"The state has {whole.Length} bytes, and compressed more than the "
                + $"{StateRestoration.MaxStateBytes} that a backup takes.");
        }
        return new GroupStateRead
        {
            CommandId = query.CommandId,
            Summary = new()
            {
                Group = group,
                Machine = machine.Kind,
                Epoch = machine.StreamEpoch,
                Index = machine.LastIndex,
                Bytes = state.Length,
                Checksum = StateRestoration.ChecksumOf(state),
            },
            State = state,
        };
    }

    private void Restore(RestoreGroupState restore, LinkMessage message)
    {
        var now = time.GetUtcNow();
        var restoration = new StateRestoration
        {
            CommandId = restore.CommandId,
            ReplyTo = restore.ReplyTo,
            Kind = restore.Summary.Machine,
            State = restore.State,
            Checksum = restore.Summary.Checksum,
            Epoch = now.ToUnixTimeMilliseconds(),
            TokenFloor = now.ToUnixTimeSeconds() << 20,
        };
        if (Problem(restore, restoration) is { } problem)
        {
            if (restore.ReplyTo is { } to)
            {
                sender().Send(to, RestorationOutcome.Refuse(restoration, group, problem).Refused!);
            }
            message.Ack();
            return;
        }
        if (_pending.TryAdd(restore.ReplyTo, restore.CommandId, message.Ack)
            && !runtime().TrySubmit(entryOf(restoration)))
        {
            Refused(restoration);
        }
    }

    /// <summary>What is wrong with it even before the log: megabytes of nonsense need not be kept.</summary>
    private string? Problem(RestoreGroupState restore, StateRestoration restoration) =>
        restore.CommandId.Length == 0 ? "The restoration has no id, so that it could be done twice."
        : restore.Summary.Group != group ? $"This is the group {group}, not '{restore.Summary.Group}'."
        // Only the machine knows its kind; it refuses another one's state.
        : restoration.Problem(restoration.Kind);

    private GroupStateRefused Refuse(ReadGroupState query, string why, bool isUnknown = false) => new()
    {
        CommandId = query.CommandId,
        Group = group,
        IsUnknown = isUnknown,
        Message = why,
    };

    [LoggerMessage(7101, LogLevel.Warning,
        "A message about the state of {Group} is malformed and goes to the error queue: {MessageId} {Why}")]
    private partial void LogMalformed(string group, string? messageId, string why);

    [LoggerMessage(7102, LogLevel.Warning,
        "The state of {Group} was replaced by a backup's: epoch {Epoch}, entry {Index}, command {CommandId}")]
    private partial void LogRestored(string group, long epoch, long index, string commandId);
}

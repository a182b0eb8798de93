using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Recovery.Machine;
using EventId = Muster.Contracts.EventId;

namespace Muster.Recovery.Consumers;

/// <summary>
/// Takes the detectors' verdicts from the work queue <c>muster-recovery-verdicts</c>. Each is proposed until
/// its entry is applied, and acknowledged only then: none is lost with its replica, and a copy changes
/// nothing.
/// </summary>
/// <param name="submit">Proposes an entry; false when too many wait.</param>
/// <param name="time">The clock of the repeats.</param>
/// <param name="logger">Where malformed verdicts are reported.</param>
public sealed partial class VerdictIntake(
    Func<RecoveryEntryCommand, bool> submit, TimeProvider time, ILogger logger)
{
    private const ushort AtATime = 64;

    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(1);

    /// <summary>Between the clocks of two machines.</summary>
    private static readonly TimeSpan LargestSkew = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<(long Epoch, long Number), OpenVerdict> _open = new();

    /// <summary>The queue, for the service's link.</summary>
    public WorkQueue Queue(BusNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new()
        {
            Name = names.Queue("muster-recovery-verdicts"),
            Exchanges =
            [
                names.Exchange(typeof(NodeFailed)), names.Exchange(typeof(NodeRestored)),
                names.Exchange(typeof(NodeLeft)),
            ],
            OnMessage = Consume,
            Prefetch = AtATime,
        };
    }

    public void Consume(LinkMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            if (message.Type == BusJson.TypeName(typeof(NodeFailed)))
            {
                var failed = message.Read<NodeFailed>();
                Take(failed.Event, new() { NodeFailed = failed }, message);
            }
            else if (message.Type == BusJson.TypeName(typeof(NodeRestored)))
            {
                var restored = message.Read<NodeRestored>();
                Take(restored.Event, new() { NodeRestored = restored }, message);
            }
            else if (message.Type == BusJson.TypeName(typeof(NodeLeft)))
            {
                var left = message.Read<NodeLeft>();
                Take(left.Event, new() { NodeLeft = left }, message);
            }
            else
            {
                LogMalformed(message.MessageId, $"{message.Type} is no verdict");
                message.Reject();
            }
        }
        catch (JsonException exception)
        {
            LogMalformed(message.MessageId, exception.Message);
            message.Reject();
        }
    }

    /// <summary>The verdict is applied, by whomever.</summary>
    public void Taken(EventId verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        if (_open.TryRemove((verdict.Epoch, verdict.Number), out var open))
        {
            open.Message.Ack();
        }
    }

    /// <summary>Proposes what is not applied again: until it is, nobody else gets it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Repeat, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = time.GetTimestamp();
            foreach (var (key, open) in _open)
            {
                if (time.GetElapsedTime(open.ProposedAt, now) >= Repeat
                    && _open.TryUpdate(key, open with { ProposedAt = now }, open))
                {
                    submit(open.Command);
                }
            }
        }
    }

    /// <summary>
    /// One that comes again has a new message. The old one's connection is gone, or the verdict was published
    /// twice; then the old message is done with too, since this one stands for both.
    /// </summary>
    private void Take(EventId verdict, RecoveryEntryCommand command, LinkMessage message)
    {
        // A detector group's epoch is the time of its founding or last restoration. One far ahead is no
        // detector's, and everything that they say later would be older than it.
        if (verdict.Epoch > (time.GetUtcNow() + LargestSkew).ToUnixTimeMilliseconds())
        {
            LogMalformed(message.MessageId, $"its epoch {verdict.Epoch} is in the future");
            message.Reject();
            return;
        }
        var open = new OpenVerdict(command, message, time.GetTimestamp());
        _open.AddOrUpdate((verdict.Epoch, verdict.Number), open, (_, before) =>
        {
            before.Message.Ack();
            return open;
        });
        submit(command);
    }

    private sealed record OpenVerdict(RecoveryEntryCommand Command, LinkMessage Message, long ProposedAt);

    [LoggerMessage(7103, LogLevel.Warning,
        "A verdict is malformed and goes to the error queue: {MessageId} {Why}")]
    private partial void LogMalformed(string? messageId, string why);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Recovery.Machine;

namespace Muster.Recovery.Executing;

/// <summary>
/// Asks the lock service to break the locks of failed primaries. It is asked again, with the same command id,
/// until it says what became of it.
/// </summary>
public sealed partial class LockBreaker(
    Func<IBusLink> link, BusNames names, PlanSignal changed, ILogger logger)
{
    /// <summary>As <see cref="BreakLock.Reason"/>.</summary>
    private const int MaxReason = 256;

    private readonly ConcurrentDictionary<string, LockBroken> _broken = new(StringComparer.Ordinal);

    /// <summary>Null while the lock service has not answered.</summary>
    public LockBroken? Find(OpenFence fence)
    {
        ArgumentNullException.ThrowIfNull(fence);
        return _broken.GetValueOrDefault(fence.CommandId);
    }

    /// <summary>Sends the command once; an answer comes to the link's inbox, or not at all.</summary>
    public void Ask(OpenFence fence)
    {
        ArgumentNullException.ThrowIfNull(fence);
        var sender = link();
        sender.Publish(names.Exchange(typeof(LockCommandBatch)), new LockCommandBatch
        {
            ReplyTo = ReplyAddress.Inbox(sender.Address),
            Commands =
            [
                new()
                {
                    BreakLock = new()
                    {
                        CommandId = fence.CommandId,
                        Name = fence.Lock,
                        ExpectedSession = fence.SessionId,
                        Reason = ReasonOf(fence),
                    },
                },
            ],
        });
    }

    /// <summary>
    /// No longer than the lock service takes: names may be so long that it would refuse every fence.
    /// </summary>
    private static string ReasonOf(OpenFence fence)
    {
        var reason = $"The primary {fence.FailedMember} of {fence.Group} failed.";
        return reason.Length <= MaxReason ? reason : reason[..MaxReason];
    }

    /// <summary>What came to the inbox, of whatever service.</summary>
    public void Receive(LockReplyBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var reply in batch.Replies)
        {
            switch (reply)
            {
                case { LockBroken: { } broken }:
                    _broken[broken.CommandId] = broken;
                    changed.Raise();
                    break;
                case { LockRefused: { } refused }:
                    LogRefused(refused.CommandId, refused.Reason.ToString(), refused.Message);
                    break;
            }
        }
    }

    /// <summary>Keeps the answers of these recoveries alone; the rest is over.</summary>
    public void Keep(IReadOnlyList<OpenFence> open)
    {
        if (_broken.IsEmpty)
        {
            return;
        }
        // Of many groups that fail at once, each is answered while all are open.
        var ids = open.Select(fence => fence.CommandId).ToHashSet(StringComparer.Ordinal);
        foreach (var commandId in _broken.Keys)
        {
            if (!ids.Contains(commandId))
            {
                _broken.TryRemove(commandId, out _);
            }
        }
    }

    [LoggerMessage(7203, LogLevel.Warning,
        "The lock service refuses {CommandId}, which is asked for again: {Reason}, {Message}")]
    private partial void LogRefused(string commandId, string reason, string message);
}

using Muster.Bus;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;

namespace Muster.Recovery;

/// <summary>
/// The replica's lane for batches, verdicts, events, answers, and what it asks other services; its log has
/// another.
/// </summary>
public static class RecoveryLink
{
    /// <summary>A state of megabytes may take longer than an ordinary answer.</summary>
    private static readonly TimeSpan AnswerLife = TimeSpan.FromSeconds(10);

    private static IEnumerable<Type> Published =>
    [
        typeof(RecoveryStarted), typeof(StandbyPromoted), typeof(RecoveryCompleted), typeof(RecoveryFailed),
        typeof(StateUpdated), typeof(GroupRemoved), typeof(RecoveryEventsHead), typeof(BackupCompleted),
        typeof(RestoreCompleted), typeof(LockCommandBatch),
    ];

    /// <param name="links">Makes the link.</param>
    /// <param name="origin">The replica's incarnation.</param>
    /// <param name="onAnswer">Takes what other services answer; must not block.</param>
    /// <param name="queues">The work that the replica takes.</param>
    public static IBusLink Create(
        ILinkFactory links, string origin, Action<LinkMessage> onAnswer,
        params IReadOnlyList<WorkQueue> queues)
    {
        ArgumentNullException.ThrowIfNull(links);
        return links.Create(new LinkOptions
        {
            Address = "recovery." + origin,
            OnMessage = onAnswer,
            Publishes = [.. Published.Select(links.Names.Exchange)],
            WorkQueues = queues,
            InboxMessageTtl = AnswerLife,
        });
    }
}

using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>What a subscriber that missed events reads.</summary>
public sealed partial class LockMachine
{
    public const int MaxReadEvents = 1_000;

    /// <summary>
    /// Events from a number on, or the held locks, page by page, when that number is no longer kept.
    /// </summary>
    public LockEventsRead ReadEvents(ReadLockEvents query)
    {
        var answer = new LockEventsRead
        {
            CommandId = query.CommandId,
            Group = Group,
            Head = _state.Events.Head,
            Freshness = _state.Freshness,
        };
        if (query.FromNumber >= _state.Events.First)
        {
            var kept = _state.Events.From(query.FromNumber, MaxReadEvents);
            return answer with { Events = AnswerSize.Page(kept, AnswerSize.Of).Page };
        }
        var behind = _state.Locks.HoldersAfter(query.AfterName ?? "", query.AfterToken)
            .Select(holder => Granting.Describe(_state, holder));
        var (held, hasMore) = AnswerSize.Page(behind, AnswerSize.Of);
        return answer with { IsFullView = true, Held = held, HasMore = hasMore };
    }
}

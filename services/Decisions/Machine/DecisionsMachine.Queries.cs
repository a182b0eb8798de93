using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>
/// What a replica reads between two entries. The caller has seen to it that the state is new enough, or
/// says by <c>cachedAge</c>, in milliseconds, for how long it may have been out of date.
/// </summary>
public sealed partial class DecisionsMachine
{
    public const int MaxListed = 1_000;
    public const int MaxReadEvents = 1_000;

    /// <summary>
    /// An answer ends before an item that would take it beyond; its first item always comes.
    /// </summary>
    public const long MaxAnswerBytes = 512 * 1024;

    public string Kind => MachineKind;

    /// <summary>The group is founded: see <see cref="Genesis"/>.</summary>
    public bool IsInitialized => _state.Genesis is not null;

    public string Group => _state.Genesis?.Group ?? "";

    public LogIndex LastIndex => _state.LastIndex;

    public long StreamEpoch => _state.Epoch;

    public long EventsHead => _state.Events.Head;

    public IOutboxReader<ValueDecided, DecisionReply> Outbox => _state.Outbox;

    /// <summary>A <see cref="DecisionRead"/>, or refused.</summary>
    public DecisionReply Get(GetDecision query, long? cachedAge = null) =>
        Refused(query.CommandId, DecisionValidation.CheckKey(query.Key, _state.Limits), cachedAge) ?? new()
        {
            DecisionRead = new()
            {
                CommandId = query.CommandId,
                Key = query.Key,
                Decision = _state.Decisions.Find(query.Key),
                Freshness = FreshnessOf(cachedAge),
            },
        };

    /// <summary>A <see cref="DecisionsListed"/>, or refused.</summary>
    public DecisionReply List(ListDecisions query, long? cachedAge = null) =>
        Refused(query.CommandId, DecisionValidation.CheckLimit(query.Limit), cachedAge) ?? new()
        {
            DecisionsListed = new()
            {
                CommandId = query.CommandId,
                Decisions = PageOf(
                    _state.Decisions.From(query.Prefix, query.After), DecisionTable.SizeOf, query.Limit,
                    out var isTruncated),
                IsTruncated = isTruncated,
                EventsHead = EventsHead,
                Freshness = FreshnessOf(cachedAge),
            },
        };

    /// <summary>A <see cref="DecisionEventsRead"/>, or refused.</summary>
    public DecisionReply ReadEvents(ReadDecisionEvents query)
    {
        var wrong = query.FromNumber >= 1 ? (Refusal?)null : new(DecisionRefusal.QueryInvalid,
            $"The number is {query.FromNumber}; events count from 1.");
        if (Refused(query.CommandId, wrong, null) is { } refused)
        {
            return refused;
        }
        var isTrimmed = query.FromNumber < _state.Events.First;
        return new()
        {
            DecisionEventsRead = new()
            {
                CommandId = query.CommandId,
                Group = Group,
                Head = EventsHead,
                Events = isTrimmed ? [] : PageOf(
                    _state.Events.From(query.FromNumber, MaxReadEvents),
                    one => DecisionTable.SizeOf(one.Decision), MaxReadEvents, out _),
                IsTrimmed = isTrimmed,
                Freshness = FreshnessOf(null),
            },
        };
    }

    private static List<T> PageOf<T>(
        IEnumerable<T> items, Func<T, long> sizeOf, int most, out bool isTruncated)
    {
        var page = new List<T>();
        var bytes = 0L;
        isTruncated = false;
        foreach (var item in items)
        {
            bytes += sizeOf(item);
            if (page.Count == most || (page.Count > 0 && bytes > MaxAnswerBytes))
            {
                isTruncated = true;
                break;
            }
            page.Add(item);
        }
        return page;
    }

    private DecisionReply? Refused(string commandId, Refusal? wrong, long? cachedAge)
    {
        wrong ??= IsInitialized ? null
            : new(DecisionRefusal.NotReady, "The decisions group is not founded yet.");
        return wrong is not { } refusal ? null : new()
        {
            DecisionRefused = new()
            {
                CommandId = commandId,
                Reason = refusal.Reason,
                Message = refusal.Message,
                Freshness = FreshnessOf(cachedAge),
            },
        };
    }

    private Freshness FreshnessOf(long? cachedAge) => cachedAge is { } age
        ? _state.Freshness with { Mode = ReadMode.Cached, AgeMilliseconds = age }
        : _state.Freshness;
}

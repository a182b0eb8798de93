using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// What a replica reads between two entries. The caller has seen to it that the state is new enough, or
/// says by <c>cachedAge</c>, in milliseconds, for how long it may have been out of date.
/// </summary>
public sealed partial class RegistryMachine
{
    public const int MaxListed = 1_000;
    public const int MaxReadEvents = 1_000;

    /// <summary>
    /// An answer ends before an item that would take it beyond; its first item always comes.
    /// </summary>
    public const long MaxAnswerBytes = 512 * 1024;

    /// <summary>The group is founded: see <see cref="Genesis"/>.</summary>
    public bool IsInitialized => _state.Genesis is not null;

    public string Kind => MachineKind;

    public string ClusterId => _state.Genesis?.ClusterId ?? "";

    public string Group => _state.Genesis?.Group ?? "";

    public LogIndex LastIndex => _state.LastIndex;

    public long StreamEpoch => _state.Epoch;

    public long EventsHead => _state.Events.Head;

    public int InstanceCount => _state.Services.InstanceCount;

    public IOutboxReader<RegistryEvent, RegistryReply> Outbox => _state.Events.Outbox;

    /// <summary>A <see cref="ServiceResolved"/>, or refused.</summary>
    public RegistryReply Resolve(ResolveService query, long? cachedAge = null) =>
        Refused(query.CommandId, RegistryValidation.CheckService(query.Service), cachedAge) ?? new()
        {
            ServiceResolved = new()
            {
                CommandId = query.CommandId,
                View = View(query.Service),
                Freshness = FreshnessOf(cachedAge),
            },
        };

    /// <summary>A <see cref="ServicesListed"/>, or refused.</summary>
    public RegistryReply List(ListServices query)
    {
        if (Refused(query.CommandId, CheckLimit(query.Limit), null) is { } refused)
        {
            return refused;
        }
        var services = _state.Services.From(query.Prefix, query.After)
            .Where(service => service.Instances.Count > 0)
            .Take(query.Limit + 1)
            .ToList();
        return new()
        {
            ServicesListed = new()
            {
                CommandId = query.CommandId,
                Services = [.. services.Take(query.Limit).Select(SummaryOf)],
                IsTruncated = services.Count > query.Limit,
                EventsHead = EventsHead,
                Freshness = FreshnessOf(null),
            },
        };
    }

    /// <summary>A <see cref="ConfigRead"/>, or refused.</summary>
    public RegistryReply Get(GetConfig query, long? cachedAge = null) =>
        Refused(query.CommandId, RegistryValidation.CheckKey(query.Key), cachedAge) ?? new()
        {
            ConfigRead = new()
            {
                CommandId = query.CommandId,
                Key = query.Key,
                Entry = _state.Config.Find(query.Key),
                Freshness = FreshnessOf(cachedAge),
            },
        };

    /// <summary>A <see cref="ConfigListed"/>, or refused.</summary>
    public RegistryReply List(ListConfig query, long? cachedAge = null)
    {
        if (Refused(query.CommandId, CheckLimit(query.Limit), cachedAge) is { } refused)
        {
            return refused;
        }
        var entries = Page.Of(
            _state.Config.From(query.Prefix, query.After), SizeOf.Entry, query.Limit, out var isTruncated);
        return new()
        {
            ConfigListed = new()
            {
                CommandId = query.CommandId,
                Entries = entries,
                IsTruncated = isTruncated,
                EventsHead = EventsHead,
                Freshness = FreshnessOf(cachedAge),
            },
        };
    }

    /// <summary>A <see cref="RegistryEventsRead"/>, or refused.</summary>
    public RegistryReply ReadEvents(ReadRegistryEvents query)
    {
        var wrong = query.FromNumber >= 1 ? (Refusal?)null : new(RegistryRefusal.QueryInvalid,
            $"The number is {query.FromNumber}; events count from 1.");
        if (Refused(query.CommandId, wrong, null) is { } refused)
        {
            return refused;
        }
        var isTrimmed = query.FromNumber < _state.Events.First;
        return new()
        {
            RegistryEventsRead = new()
            {
                CommandId = query.CommandId,
                Group = Group,
                Head = EventsHead,
                Events = isTrimmed ? [] : Page.Of(
                    _state.Events.From(query.FromNumber, MaxReadEvents), SizeOf.Event, MaxReadEvents, out _),
                IsTrimmed = isTrimmed,
                Freshness = FreshnessOf(null),
            },
        };
    }

    private static ServiceSummary SummaryOf(Service service) => new()
    {
        Service = service.Name,
        Instances = service.Instances.Count,
        Draining = service.Instances.Values.Count(instance => instance.View.IsDraining),
        Index = service.ChangedAt,
    };

    private static Refusal? CheckLimit(int limit) => limit is >= 1 and <= MaxListed ? null
        : new(RegistryRefusal.QueryInvalid, $"The limit is {limit}, not 1 to {MaxListed}.");

    private RegistryReply? Refused(string commandId, Refusal? wrong, long? cachedAge)
    {
        wrong ??= IsInitialized ? null
            : new(RegistryRefusal.NotReady, "The registry group is not founded yet.");
        return wrong is not { } refusal ? null : new()
        {
            RegistryRefused = new()
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

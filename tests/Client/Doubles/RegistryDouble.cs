using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;

namespace Muster.Client.Tests.Doubles;

/// <summary>
/// A registry at the other end of a <see cref="FakeLink"/>, answering at once in the sender's thread unless
/// it is deaf. Its events are kept, and delivered only as far as a test says.
/// </summary>
internal sealed partial class RegistryDouble
{
    private readonly Lock _gate = new();
    private readonly List<RegistryCommand> _received = [];
    private readonly Dictionary<string, RegistryReply> _results = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ConfigEntry> _config = new(StringComparer.Ordinal);
    private long _version;
    private FakeLink? _link;

    public RegistryDouble(FakeLinks links) => links.OnPublish += OnPublish;

    public bool IsDeaf { get; set; }

    /// <summary>Commands are done, and nobody hears of it.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Events reach the client at once.</summary>
    public bool DeliversEvents { get; set; } = true;

    public long Epoch { get; set; } = 1;

    public long Index { get; set; } = 1;

    /// <summary>The number of the last event.</summary>
    public long Head { get; set; }

    /// <summary>Events below this number are no longer kept.</summary>
    public long KeptFrom { get; set; } = 1;

    public int PageSize { get; set; } = 1_000;

    /// <summary>Answers a command in its own way, or gives null for the ordinary answer.</summary>
    public Func<RegistryCommand, RegistryReply?> Override { get; set; } = _ => null;

    public List<RegistryEvent> Events { get; } = [];

    public IReadOnlyList<RegistryCommand> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    public IEnumerable<RegisterInstance> Registers =>
        Received.Select(command => command.RegisterInstance).OfType<RegisterInstance>();

    public IEnumerable<ResolveService> Resolves =>
        Received.Select(command => command.ResolveService).OfType<ResolveService>();

    /// <summary>Another client writes; null deletes.</summary>
    public ConfigChanged Write(string key, string? value)
    {
        ConfigChanged change;
        lock (_gate)
        {
            change = Change(key, value);
        }
        if (DeliversEvents)
        {
            _link?.Deliver(change);
        }
        return change;
    }

    /// <summary>An event of another type, which a client does not subscribe to.</summary>
    public void RegisterOther()
    {
        lock (_gate)
        {
            Events.Add(new RegistryEvent { InstanceRegistered = new InstanceRegistered { Event = Next() } });
        }
    }

    /// <summary>Puts the state of a backup back.</summary>
    public void Restore(params (string Key, string Value)[] content)
    {
        lock (_gate)
        {
            Epoch++;
            var before = _config.ToDictionary();
            _config.Clear();
            Events.Clear();
            KeptFrom = Head + 1;
            Index++;
            foreach (var (key, value) in content)
            {
                // What is as it was in the backup has its version too.
                _config[key] = before.GetValueOrDefault(key) is { } kept && kept.Value == value
                    ? kept with { ChangedAt = new(Index) }
                    : Entry(key, value);
            }
        }
    }

    /// <summary>The group of a new log, in which versions, indexes and numbers start again.</summary>
    public void FoundAnew(string key, string value)
    {
        (_version, Index, Head) = (0, 0, 0);
        _config.Clear();
        Restore((key, value));
    }

    public void DeliverHead() =>
        _link!.Deliver(new RegistryEventsHead { Group = "registry", Epoch = Epoch, Number = Head });

    public void Deliver(RegistryReply reply) => _link!.Deliver(new RegistryReplyBatch { Replies = [reply] });

    public static RegistryReply Refused(
        string id, RegistryRefusal reason, ConfigEntry? current = null) => new()
        {
            RegistryRefused = new RegistryRefused
            {
                CommandId = id,
                Reason = reason,
                Message = "by the double",
                Current = current,
            },
        };

    /// <summary>Answers a heartbeat as of now.</summary>
    public void Answer(Heartbeat heartbeat)
    {
        LeaseRenewal[] leases;
        lock (_gate)
        {
            leases =
            [
                .. heartbeat.Leases.Select(lease => new LeaseRenewal
                {
                    LeaseId = lease,
                    Status = _instances.Values.Any(instance => instance.LeaseId == lease)
                        ? RenewalStatus.Renewed
                        : RenewalStatus.Unknown,
                }),
            ];
        }
        _link!.Deliver(new HeartbeatAnswered
        {
            Group = "registry",
            Node = heartbeat.Node,
            Incarnation = heartbeat.Incarnation,
            Number = heartbeat.Number,
            Leases = leases,
        });
    }

    private void OnPublish(FakeLink link, Published published)
    {
        _link = link;
        if (published.Message is Heartbeat { Leases.Count: > 0 } heartbeat && !IsDeaf)
        {
            Answer(heartbeat);
        }
        if (published.Message is not RegistryCommandBatch batch)
        {
            return;
        }
        var replies = new List<RegistryReply>();
        var before = Events.Count;
        lock (_gate)
        {
            _received.AddRange(batch.Commands);
            if (!IsDeaf)
            {
                replies.AddRange(batch.Commands.Select(command => Override(command) ?? Do(command)));
            }
        }
        if (replies.Count > 0 && !LosesAnswers)
        {
            link.Deliver(new RegistryReplyBatch { Replies = replies });
        }
        foreach (var change in DeliversEvents ? Events.Skip(before).Select(item => item.ConfigChanged) : [])
        {
            link.Deliver(change!);
        }
    }

    private RegistryReply Do(RegistryCommand command) => command switch
    {
        { RegisterInstance: { } register } => Once(register.CommandId, () => Register(register)),
        { DeregisterInstance: { } remove } => Once(remove.CommandId, () => Remove(remove)),
        { DrainInstance: { } drain } => Once(drain.CommandId, () => Drain(drain)),
        { PutConfig: { } put } => Once(put.CommandId, () =>
            Write(put.CommandId, put.Key, put.Value, put.ExpectedVersion)),
        { DeleteConfig: { } delete } => Once(delete.CommandId, () =>
            Write(delete.CommandId, delete.Key, null, delete.ExpectedVersion)),
        { GetConfig: { } get } => new RegistryReply
        {
            ConfigRead = new ConfigRead
            {
                CommandId = get.CommandId,
                Key = get.Key,
                Entry = _config.GetValueOrDefault(get.Key),
            },
        },
        { ListConfig: { } list } => new RegistryReply { ConfigListed = List(list) },
        { ReadRegistryEvents: { } read } => new RegistryReply { RegistryEventsRead = Read(read) },
        { ResolveService: { } resolve } => new RegistryReply { ServiceResolved = Resolve(resolve) },
        { ListServices: { } list } => new RegistryReply { ServicesListed = List(list) },
        _ => throw new InvalidOperationException("A command of no kind."),
    };

    private RegistryReply Once(string commandId, Func<RegistryReply> work) =>
        _results.TryGetValue(commandId, out var stored) ? stored : _results[commandId] = work();

    private RegistryReply Write(string commandId, string key, string? value, long? expected)
    {
        var current = _config.GetValueOrDefault(key);
        if (expected is { } version && version != (current?.Version ?? 0))
        {
            return Refused(commandId, RegistryRefusal.VersionMismatch, current);
        }
        return new RegistryReply
        {
            ConfigWritten = new ConfigWritten
            {
                CommandId = commandId,
                Key = key,
                Version = Change(key, value).Entry?.Version ?? 0,
            },
        };
    }

    private ConfigChanged Change(string key, string? value)
    {
        Index++;
        ConfigEntry? entry = null;
        if (value is null)
        {
            _config.Remove(key);
        }
        else
        {
            _config[key] = entry = Entry(key, value);
        }
        var change = new ConfigChanged { Key = key, Entry = entry, Event = Next() };
        Events.Add(new RegistryEvent { ConfigChanged = change });
        return change;
    }

    private ConfigEntry Entry(string key, string value) =>
        new() { Key = key, Value = value, Version = ++_version, ChangedAt = new LogIndex(Index) };

    private EventId Next() =>
        new() { Group = "registry", Epoch = Epoch, Index = new LogIndex(Index), Number = ++Head };

    private ConfigListed List(ListConfig list)
    {
        var found = _config.Values.Where(entry => entry.Key.StartsWith(list.Prefix, StringComparison.Ordinal)
            && string.CompareOrdinal(entry.Key, list.After) > 0).ToList();
        return new ConfigListed
        {
            CommandId = list.CommandId,
            Entries = [.. found.Take(PageSize)],
            IsTruncated = found.Count > PageSize,
            EventsHead = Head,
            Freshness = Freshness(),
        };
    }

    private RegistryEventsRead Read(ReadRegistryEvents read) => new()
    {
        CommandId = read.CommandId,
        Group = "registry",
        Head = Head,
        IsTrimmed = read.FromNumber < KeptFrom,
        Events = read.FromNumber < KeptFrom
            ? []
            : [.. Events.Where(item => NumberOf(item) >= read.FromNumber).Take(PageSize)],
        Freshness = Freshness(),
    };

    private static long NumberOf(RegistryEvent item) =>
        (item.ConfigChanged?.Event ?? item.InstanceRegistered!.Event).Number;

    private ServiceResolved Resolve(ResolveService resolve) => new()
    {
        CommandId = resolve.CommandId,
        View = ViewOf(resolve.Service),
        Freshness = Freshness() with { Mode = resolve.Mode },
    };

    public ServiceView ViewOf(string service) => new()
    {
        Service = service,
        Epoch = Epoch,
        Index = new LogIndex(Index),
        Instances =
        [
            .. _instances.Values.Where(instance => instance.Service == service).Select(View)
                .OrderBy(instance => instance.InstanceId, StringComparer.Ordinal),
        ],
    };

    private ServicesListed List(ListServices list)
    {
        var names = _instances.Values.Select(instance => instance.Service).Distinct()
            .Where(name => name.StartsWith(list.Prefix, StringComparison.Ordinal)
                && string.CompareOrdinal(name, list.After) > 0)
            .Order(StringComparer.Ordinal).ToList();
        return new ServicesListed
        {
            CommandId = list.CommandId,
            Services = [.. names.Take(PageSize).Select(name => new ServiceSummary { Service = name })],
            IsTruncated = names.Count > PageSize,
            EventsHead = Head,
        };
    }

    private Freshness Freshness() => new() { Epoch = Epoch, Index = new LogIndex(Index) };
}

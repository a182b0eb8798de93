using Muster.Client;
using Muster.Contracts.Registry;
using Muster.Testing;

namespace Muster.Simulator;

/// <summary>
/// A part of a process that the registry knows: it keeps an instance registered, takes it back now and then,
/// and reads and writes the configuration, often by compare-and-set against what it has seen.
/// </summary>
internal sealed class RegistryUser(ClientProcess client)
{
    private readonly Chance _chance = client.Chance;
    private readonly SortedDictionary<string, (Value Value, long Version)> _seen =
        new(StringComparer.Ordinal);

    private readonly long _process = client.World.Checks.Registry.NewProcess();
    private Registration? _registration;

    public bool IsRegistered => _registration?.IsAlive(client.LeaseClock) == true;

    public void Start()
    {
        client.Later(Soon(), Register);
        Think();
    }

    /// <summary>What it keeps registered now, or wants to.</summary>
    public bool Is(string service, string instanceId) =>
        _registration?.InstanceId == instanceId && _registration.Wanted.Service == service;

    private long Soon() => _chance.Between(1, client.World.Plan.LongestThought) * Scheduler.Millisecond;

    private void Register()
    {
        var wanted = new ServiceRegistration
        {
            Service = $"service-{_chance.Below(2)}",
            Host = client.NewId(),
            Ttl = TimeSpan.FromMilliseconds(client.Settings.SessionTtl),
        };
        var registration = new Registration(wanted, "of-" + client.Name, client.NewId());
        _registration = registration;
        client.Step(parts => parts.Leases.Start(registration, answer =>
        {
            if (answer.Instance is null)
            {
                client.Later(Soon(), Register);
            }
            else
            {
                var stay = _chance.Between(500, 15_000) * Scheduler.Millisecond;
                client.Later(stay, () => TakeBack(registration));
            }
        }));
    }

    private void TakeBack(Registration registration)
    {
        client.Step(parts => parts.Leases.Remove(registration));
        client.Later(Soon(), Register);
    }

    private void Think() => client.Later(Soon(), Begin);

    private void Begin()
    {
        var key = $"key-{_chance.Below(client.World.Plan.Names)}";
        switch (_chance.Below(6))
        {
            case 0 or 1: Get(key); break;
            case 5: Resolve($"service-{_chance.Below(2)}"); break;
            case 2: Put(key, isConditional: false); break;
            case 3 when _chance.OfThousand(200): Delete(key); break;
            default: Put(key, isConditional: true); break;
        }
    }

    private void Get(string key) => Call("read", key, default, call => new()
    {
        GetConfig = new() { CommandId = call.Id, Key = key },
    });

    private void Put(string key, bool isConditional)
    {
        var value = client.NewId();
        var (seen, version) = _seen.GetValueOrDefault(key);
        Call(
            isConditional ? "cas" : "write", key, isConditional ? Value.ListOf(seen, value) : value,
            call => new()
            {
                PutConfig = new()
                {
                    CommandId = call.Id,
                    Key = key,
                    Value = value,
                    ExpectedVersion = isConditional ? version : null,
                },
            },
            value);
    }

    private void Delete(string key) => Call("write", key, default, call => new()
    {
        DeleteConfig = new() { CommandId = call.Id, Key = key },
    });

    private void Resolve(string service)
    {
        var before = client.World.Checks.Registry.Services.LastChange(service);
        client.Step(parts => parts.RegistryCalls.Open(new Call<RegistryCommand, RegistryReply>
        {
            Id = client.NewId(),
            Command = call => new() { ResolveService = new() { CommandId = call.Id, Service = service } },
            OnAnswer = reply =>
            {
                if (reply.ServiceResolved is { } resolved)
                {
                    client.World.Checks.Registry.Services.OnResolved(client.Name, resolved, before);
                }
                Think();
            },
            Timeout = client.Options.CallTimeout,
            OnTimeout = Think,
        }));
    }

    private void Call(
        string function, string key, Value argument, Func<Call, RegistryCommand> command,
        Value written = default)
    {
        client.World.Checks.Registry.OnCall(_process, function, key, argument);
        client.Step(parts => parts.RegistryCalls.Open(new Call<RegistryCommand, RegistryReply>
        {
            Id = client.NewId(),
            Command = command,
            OnAnswer = reply => OnAnswer(key, written, reply),
            Timeout = client.Options.CallTimeout,
            OnTimeout = () => End(EventType.Info),
        }));
    }

    private void OnAnswer(string key, Value written, RegistryReply reply)
    {
        switch (reply)
        {
            case { ConfigRead: { } read }:
                _seen[key] = read.Entry is { } entry ? (entry.Value, entry.Version) : default;
                End(EventType.Ok, _seen[key].Value);
                break;
            case { ConfigWritten: { } done }:
                _seen[key] = (written, done.Version);
                End(EventType.Ok);
                break;
            case { RegistryRefused: { Reason: RegistryRefusal.VersionMismatch } other }:
                _seen[key] = other.Current is { } current ? (current.Value, current.Version) : default;
                End(EventType.Ok, result: false);
                break;
            default:
                End(EventType.Fail);
                break;
        }
    }

    private void End(EventType type, Value value = default, bool? result = null)
    {
        client.World.Checks.Registry.OnEnd(_process, type, value, result);
        client.RegistryCycles += type == EventType.Ok ? 1 : 0;
        Think();
    }
}

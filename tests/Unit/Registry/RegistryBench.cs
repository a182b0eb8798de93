using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication.Core;
using Shouldly;

namespace Muster.Unit.Tests.Registry;

/// <summary>A registry machine, founded, with short words for its commands.</summary>
internal sealed class RegistryBench
{
    private long _index;
    private long _logTime = 1_000;
    private int _commands;

    public RegistryBench(RegistryLimits? limits = null, long window = 600_000, long epoch = 7)
    {
        Apply(new RegistryEntryCommand
        {
            Genesis = new()
            {
                ClusterId = "test",
                Group = "registry",
                Epoch = epoch,
                CommandWindowMilliseconds = window,
                Limits = limits ?? RegistryLimits.Default,
            },
        });
    }

    public RegistryMachine Machine { get; } = new();

    public long Index => _index;

    /// <summary>The events of the last entry.</summary>
    public IReadOnlyList<RegistryEvent> Events { get; private set; } = [];

    public IReadOnlyList<RegistryEffect> Apply(params RegistryEntryCommand[] commands) =>
        Apply(0, null, commands);

    public IReadOnlyList<RegistryEffect> Apply(
        long milliseconds, long? issuedAt, params RegistryEntryCommand[] commands)
    {
        _logTime += milliseconds;
        var effects = Machine.Apply(new AppliedEntry
        {
            Index = new LogIndex(++_index),
            LogTime = _logTime,
            Origin = "r1",
            IssuedAt = issuedAt ?? Machine.Time,
            Body = commands.Length == 0
                ? default
                : RegistryEntryCodec.Write(new RegistryEntry { Commands = commands }),
        });
        Events = [.. effects.OfType<RegistryEffect.Delivery>().Select(delivery => delivery.Item.Event!)];
        return effects;
    }

    /// <summary>Time passes in steps that the machine counts in full.</summary>
    public List<RegistryEvent> Pass(long milliseconds)
    {
        var events = new List<RegistryEvent>();
        while (milliseconds > 0)
        {
            var step = Math.Min(milliseconds, MachineClock.MaxStepMilliseconds);
            Apply(step, null);
            events.AddRange(Events);
            milliseconds -= step;
        }
        return events;
    }

    public RegistryReply Do(RegistryEntryCommand command) =>
        Apply(command).OfType<RegistryEffect.Answer>().ShouldHaveSingleItem().Reply;

    public RegistryReply Register(
        string instance, string lease = "", string service = "web", long ttl = 15_000, string host = "h",
        string? id = null, string[]? tags = null, bool onlyIfAbsent = false) => Do(new()
        {
            RegisterInstance = new()
            {
                CommandId = id ?? NextId(),
                Service = service,
                InstanceId = instance,
                LeaseId = lease.Length == 0 ? "lease-" + instance : lease,
                Host = host,
                Port = 80,
                Tags = tags ?? [],
                TtlMilliseconds = ttl,
                OnlyIfAbsent = onlyIfAbsent,
            },
        });

    public RegistryReply Deregister(
        string instance, string lease = "", string service = "web", string? id = null) => Do(new()
        {
            DeregisterInstance = new()
            {
                CommandId = id ?? NextId(),
                Service = service,
                InstanceId = instance,
                LeaseId = lease,
            },
        });

    public RegistryReply Drain(string instance, bool isDraining = true, string lease = "") => Do(new()
    {
        DrainInstance = new()
        {
            CommandId = NextId(),
            Service = "web",
            InstanceId = instance,
            LeaseId = lease,
            IsDraining = isDraining,
        },
    });

    public RegistryReply Put(string key, string value, long? expected = null, string? id = null) => Do(new()
    {
        PutConfig = new()
        {
            CommandId = id ?? NextId(),
            Key = key,
            Value = value,
            ExpectedVersion = expected,
        },
    });

    public RegistryReply Delete(string key, long? expected = null, string? id = null) => Do(new()
    {
        DeleteConfig = new() { CommandId = id ?? NextId(), Key = key, ExpectedVersion = expected },
    });

    public IReadOnlyList<LeaseRenewal> Beat(params string[] leases) =>
        Apply(new RegistryEntryCommand { Heartbeat = new Heartbeat { Node = "n", Leases = leases } })
            .OfType<RegistryEffect.RenewalAnswer>().ShouldHaveSingleItem().Reply.Leases;

    public RestorationOutcome Restore(
        byte[] state, string id, long epoch = 0, long floor = 0, string? checksum = null) =>
        Apply(new RegistryEntryCommand
        {
            StateRestoration = new()
            {
                CommandId = id,
                Kind = RegistryMachine.MachineKind,
                State = state,
                Checksum = checksum ?? StateRestoration.ChecksumOf(state),
                Epoch = epoch,
                TokenFloor = floor,
            },
        }).OfType<RegistryEffect.Restoration>().ShouldHaveSingleItem().Outcome;

    public IReadOnlyList<string> Instances(string service = "web") =>
        [.. Machine.View(service).Instances.Select(instance => instance.InstanceId)];

    /// <summary>As the replica restarts from a snapshot.</summary>
    public void Restart() => Machine.Restore(Machine.TakeSnapshot());

    private string NextId() => $"c{++_commands}";
}

using Muster.Contracts.Registry;

namespace Muster.Client.Tests.Doubles;

/// <summary>Its instances.</summary>
internal sealed partial class RegistryDouble
{
    private readonly Dictionary<(string, string), RegisterInstance> _instances = [];
    private readonly HashSet<(string, string)> _draining = [];

    public bool Has(string service, string instanceId) => _instances.ContainsKey((service, instanceId));

    public bool IsDraining(string service, string instanceId) => _draining.Contains((service, instanceId));

    /// <summary>Somebody else drains it, as an operator may.</summary>
    public void DrainByOperator(string service, string instanceId)
    {
        lock (_gate)
        {
            _draining.Add((service, instanceId));
        }
    }

    /// <summary>Another process registers the same id.</summary>
    public void TakeOver(string service, string instanceId)
    {
        lock (_gate)
        {
            _ = Register(new() { Service = service, InstanceId = instanceId, LeaseId = "another's" });
        }
    }

    public string? LeaseOf(string service, string instanceId) =>
        _instances.GetValueOrDefault((service, instanceId))?.LeaseId;

    /// <summary>Removes everything that hangs on leases, as their expiry would.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            _instances.Clear();
            _draining.Clear();
        }
    }

    private RegistryReply Register(RegisterInstance register)
    {
        var there = _instances.GetValueOrDefault((register.Service, register.InstanceId));
        if (register.OnlyIfAbsent && there is not null && there.LeaseId != register.LeaseId)
        {
            return Refused(register.CommandId, RegistryRefusal.InstanceTaken);
        }
        _instances[(register.Service, register.InstanceId)] = register;
        Index++;
        return Accepted(register.CommandId, register.Service, register.InstanceId);
    }

    private RegistryReply Remove(DeregisterInstance remove)
    {
        var key = (remove.Service, remove.InstanceId);
        if (_instances.GetValueOrDefault(key)?.LeaseId != remove.LeaseId)
        {
            return Refused(remove.CommandId, RegistryRefusal.NotRegistered);
        }
        _instances.Remove(key);
        _draining.Remove(key);
        return Accepted(remove.CommandId, remove.Service, remove.InstanceId);
    }

    private RegistryReply Drain(DrainInstance drain)
    {
        var key = (drain.Service, drain.InstanceId);
        if (_instances.GetValueOrDefault(key)?.LeaseId != drain.LeaseId)
        {
            return Refused(drain.CommandId, RegistryRefusal.NotRegistered);
        }
        _ = drain.IsDraining ? _draining.Add(key) : _draining.Remove(key);
        return Accepted(drain.CommandId, drain.Service, drain.InstanceId);
    }

    private RegistryReply Accepted(string commandId, string service, string instanceId) => new()
    {
        InstanceAccepted = new InstanceAccepted
        {
            CommandId = commandId,
            Service = service,
            InstanceId = instanceId,
            Instance = Has(service, instanceId) ? View(_instances[(service, instanceId)]) : null,
        },
    };

    private ServiceInstance View(RegisterInstance register) => new()
    {
        Service = register.Service,
        InstanceId = register.InstanceId,
        Host = register.Host,
        Port = register.Port,
        Zone = register.Zone,
        Weight = register.Weight,
        IsDraining = IsDraining(register.Service, register.InstanceId),
    };
}

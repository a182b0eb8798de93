using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>Whether there is room for an instance, or for what it becomes.</summary>
internal static class InstanceLimits
{
    public static Refusal? CheckNew(Step step, ServiceInstance view, string lease)
    {
        var (services, limits) = (step.State.Services, step.Limits);
        var service = services.Find(view.Service);
        var instances = service?.Instances.Count ?? 0;
        if (instances == 0 && services.LiveCount >= limits.MaxServices)
        {
            return Full($"{services.LiveCount} services have instances, at most {limits.MaxServices}.");
        }
        if (services.InstanceCount >= limits.MaxInstances)
        {
            return Full($"{services.InstanceCount} instances are registered, at most {limits.MaxInstances}.");
        }
        if (instances >= limits.MaxInstancesPerService)
        {
            return Full(
                $"{view.Service} has {instances} instances, at most {limits.MaxInstancesPerService}.");
        }
        return CheckBytes(step, service, SizeOf.Instance(view)) ?? CheckLease(step, lease);
    }

    public static Refusal? CheckChange(Step step, Instance instance, ServiceInstance view, string lease)
    {
        var added = SizeOf.Instance(view) - SizeOf.Instance(instance.View);
        var bytes = added <= 0 ? null : CheckBytes(step, step.State.Services.Find(view.Service), added);
        return bytes ?? (instance.Lease.Id == lease ? null : CheckLease(step, lease));
    }

    private static Refusal? CheckBytes(Step step, Service? service, long added)
    {
        var ofService = (service?.Bytes ?? 0) + added;
        if (ofService > step.Limits.MaxServiceBytes)
        {
            return Full($"The service's instances would take {ofService} bytes, at most "
                + $"{step.Limits.MaxServiceBytes}.");
        }
        var all = step.State.Services.Bytes + added;
        return all <= step.Limits.MaxInstanceBytes ? null
            : Full($"All instances would take {all} bytes, at most {step.Limits.MaxInstanceBytes}.");
    }

    private static Refusal? CheckLease(Step step, string lease)
    {
        var instances = step.State.Services.OfLease(lease).Count;
        return instances < step.Limits.MaxInstancesPerLease ? null
            : Full($"The lease has {instances} instances, at most {step.Limits.MaxInstancesPerLease}.");
    }

    private static Refusal Full(string message) => new(RegistryRefusal.LimitReached, message);
}

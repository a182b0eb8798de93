using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

internal static class InstanceCommands
{
    public static RegistryReply Register(Step step, CommandHead head, RegisterInstance register)
    {
        if (RegistryValidation.Check(register) is { } wrong)
        {
            return step.Refuse(register.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () =>
            step.State.Answers.TryGetResult(
                GivenUp(register.Service, register.InstanceId, register.LeaseId), out _)
                ? step.Refuse(register.CommandId, RegistryRefusal.NotRegistered,
                    $"The lease of {register.Service} {register.InstanceId} was given up before it came.")
                : step.State.Services.Find(register.Service, register.InstanceId) is { } instance
                ? RegisterAgain(step, register, instance)
                : RegisterNew(step, register));
    }

    public static RegistryReply Deregister(Step step, CommandHead head, DeregisterInstance deregister)
    {
        if (RegistryValidation.Check(deregister) is { } wrong)
        {
            return step.Refuse(deregister.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () =>
        {
            var (service, id) = (deregister.Service, deregister.InstanceId);
            var instance = step.State.Services.Find(service, id);
            KeepOut(step, deregister);
            if (CheckLease(instance, service, id, deregister.LeaseId) is { } refusal)
            {
                return step.Refuse(deregister.CommandId, refusal);
            }
            Removals.Remove(step, instance!, Removals.Deregistered);
            return Accepted(step, deregister.CommandId, service, id, null);
        });
    }

    public static RegistryReply Drain(Step step, CommandHead head, DrainInstance drain)
    {
        if (RegistryValidation.Check(drain) is { } wrong)
        {
            return step.Refuse(drain.CommandId, wrong);
        }
        return ExactlyOnce.Run(step, head, () =>
        {
            var instance = step.State.Services.Find(drain.Service, drain.InstanceId);
            if (CheckLease(instance, drain.Service, drain.InstanceId, drain.LeaseId) is { } refusal)
            {
                return step.Refuse(drain.CommandId, refusal);
            }
            if (IsLate(drain.Change, instance!.Lease.DrainChange))
            {
                return Accepted(step, drain.CommandId, drain.Service, drain.InstanceId, instance.View);
            }
            var view = instance.View;
            if (view.IsDraining != drain.IsDraining && step.CheckOutbox() is { } full)
            {
                return step.Refuse(drain.CommandId, full);
            }
            if (drain.LeaseId.Length > 0)
            {
                instance.Lease = instance.Lease with { DrainChange = drain.Change };
            }
            return Show(step, drain.CommandId, instance, view with
            {
                IsDraining = drain.IsDraining,
                ChangedAt = step.Index,
            });
        });
    }

    private static RegistryReply RegisterNew(Step step, RegisterInstance register)
    {
        var view = ViewOf(step, register, isDraining: false);
        if ((InstanceLimits.CheckNew(step, view, register.LeaseId) ?? step.CheckOutbox()) is { } refusal)
        {
            return step.Refuse(register.CommandId, refusal);
        }
        step.State.Services.Add(view, LeaseOf(register), step.Now + register.TtlMilliseconds);
        var id = step.NextEvent();
        step.Publish(id, new() { InstanceRegistered = new() { Instance = view, Event = id } });
        return Accepted(step, register.CommandId, register.Service, register.InstanceId, view);
    }

    /// <summary>
    /// The same lease changes its instance, and an operator's draining holds. Another lease is a new process
    /// in its place: it takes over and serves. But who only registers again is no new process.
    /// </summary>
    private static RegistryReply RegisterAgain(Step step, RegisterInstance register, Instance instance)
    {
        var isSameLease = instance.Lease.Id == register.LeaseId;
        if (register.OnlyIfAbsent && !isSameLease && !instance.Lease.IsRestored)
        {
            return step.Refuse(
                register.CommandId, RegistryRefusal.InstanceTaken,
                $"{register.Service} {register.InstanceId} is registered under another lease.");
        }
        if (isSameLease && IsLate(register.Change, instance.Lease.Change))
        {
            return Accepted(
                step, register.CommandId, register.Service, register.InstanceId, instance.View);
        }
        var view = ViewOf(step, register, isSameLease && instance.View.IsDraining);
        var isChange = !Instance.ShowTheSame(instance.View, view);
        var refusal = InstanceLimits.CheckChange(step, instance, view, register.LeaseId)
            ?? (isChange ? step.CheckOutbox() : null);
        if (refusal is { } wrong)
        {
            return step.Refuse(register.CommandId, wrong);
        }
        var lease = LeaseOf(register) with { DrainChange = isSameLease ? instance.Lease.DrainChange : 0 };
        step.State.Services.SetLease(instance, lease, step.Now + register.TtlMilliseconds);
        return Show(step, register.CommandId, instance, view);
    }

    /// <summary>What looks as before is no change: no event, and the views stay as they are.</summary>
    private static RegistryReply Show(Step step, string commandId, Instance instance, ServiceInstance view)
    {
        if (!Instance.ShowTheSame(instance.View, view))
        {
            step.State.Services.Change(instance, view);
            var id = step.NextEvent();
            step.Publish(id, new() { InstanceChanged = new() { Instance = view, Event = id } });
        }
        return Accepted(step, commandId, instance.Service, instance.Id, instance.View);
    }

    /// <summary>The owner has said something else since, and that was taken.</summary>
    private static bool IsLate(long change, long newest) => change > 0 && change < newest;

    /// <summary>
    /// What comes under its lease after it was taken back, a copy of the registration or a change that was
    /// overtaken, registers nothing.
    /// </summary>
    private static void KeepOut(Step step, DeregisterInstance deregister)
    {
        var answers = step.State.Answers;
        var id = GivenUp(deregister.Service, deregister.InstanceId, deregister.LeaseId);
        // One place is left for the answer of the command itself.
        if (deregister.LeaseId.Length > 0 && answers.Count + 1 < answers.Capacity
            && !answers.TryGetResult(id, out _))
        {
            var subject = new CommandSubject(
                nameof(DeregisterInstance), deregister.Service, deregister.InstanceId);
            answers.Record(
                id, step.Now, new(id, subject, step.Refuse(id, RegistryRefusal.NotRegistered, "")));
        }
    }

    /// <summary>
    /// Where a lease that was given up is remembered, among the ids of commands, and longer than any of
    /// these.
    /// </summary>
    private static string GivenUp(string service, string id, string lease) =>
        $"given-up/{service}/{id}/{lease}".PadRight(RegistryValidation.MaxIdCharacters + 1);

    private static Refusal? CheckLease(Instance? instance, string service, string id, string lease)
    {
        if (instance is null)
        {
            return new(RegistryRefusal.NotRegistered, $"{service} has no instance {id}.");
        }
        return lease.Length == 0 || instance.Lease.Id == lease ? null
            : new(RegistryRefusal.NotRegistered, $"{service} {id} is registered under another lease.");
    }

    private static RegistryReply Accepted(
        Step step, string commandId, string service, string id, ServiceInstance? view) => new()
        {
            InstanceAccepted = new()
            {
                CommandId = commandId,
                Service = service,
                InstanceId = id,
                Instance = view,
                Freshness = step.State.Freshness,
            },
        };

    private static InstanceLease LeaseOf(RegisterInstance register) =>
        new(register.LeaseId, register.TtlMilliseconds) { Change = register.Change };

    private static ServiceInstance ViewOf(Step step, RegisterInstance register, bool isDraining) => new()
    {
        Service = register.Service,
        InstanceId = register.InstanceId,
        Scheme = register.Scheme,
        Host = register.Host,
        Port = register.Port,
        Zone = register.Zone,
        Weight = register.Weight,
        Tags = register.Tags,
        Metadata = register.Metadata,
        IsDraining = isDraining,
        Node = register.Node,
        ChangedAt = step.Index,
    };
}

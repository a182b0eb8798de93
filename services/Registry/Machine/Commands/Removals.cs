namespace Muster.Registry.Machine;

/// <summary>How instances go: by command, or by themselves when time moves on.</summary>
internal static class Removals
{
    public const string Deregistered = "Deregistered";
    public const string LeaseExpired = "LeaseExpired";

    public static void RemoveExpired(Step step)
    {
        while (step.State.Services.FindExpired(step.Now) is { } instance)
        {
            Remove(step, instance, LeaseExpired);
        }
    }

    public static void Remove(Step step, Instance instance, string cause)
    {
        step.State.Services.Remove(instance, step.Index, step.Limits.MaxEmptyServices);
        var id = step.NextEvent();
        step.Publish(id, new()
        {
            InstanceRemoved = new()
            {
                Service = instance.Service,
                InstanceId = instance.Id,
                Cause = cause,
                Event = id,
            },
        });
    }
}

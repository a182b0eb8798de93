using Muster.Contracts.Detector;

namespace Muster.Registry.Machine;

/// <summary>
/// Heartbeats: they move deadlines forward and tell each lease whether anything is registered under it, so
/// that a client whose instance is gone registers it again.
/// </summary>
internal static class Renewals
{
    public static void Renew(Step step, Heartbeat heartbeat)
    {
        var leases = heartbeat.Leases.Distinct(StringComparer.Ordinal)
            .Take(step.Limits.MaxLeasesPerHeartbeat);
        step.Tell(new RegistryEffect.RenewalAnswer(heartbeat.ReplyTo, new HeartbeatAnswered
        {
            Group = step.State.Genesis?.Group ?? "",
            Node = heartbeat.Node,
            Incarnation = heartbeat.Incarnation,
            Number = heartbeat.Number,
            Leases = [.. leases.Select(id => Renew(step, id))],
            Freshness = step.State.Freshness,
        }));
    }

    private static LeaseRenewal Renew(Step step, string lease)
    {
        var instances = step.State.Services.OfLease(lease);
        foreach (var instance in instances)
        {
            step.State.Services.Renew(instance, step.Now);
        }
        return new()
        {
            LeaseId = lease,
            Status = instances.Count > 0 ? RenewalStatus.Renewed : RenewalStatus.Unknown,
        };
    }
}

using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// Fills fields that the bytes leave out or set to null, whatever the types promise: any bus user writes
/// commands, and one missing field must end in a refusal, not in an exception that stops every replica.
/// Brings tags and metadata into their one order as well.
/// </summary>
internal static class NullFields
{
    public static RegistryEntryCommand Fill(RegistryEntryCommand command) => command switch
    {
        { RegisterInstance: { } register } => new() { RegisterInstance = Fill(register) },
        { DeregisterInstance: { } deregister } => new() { DeregisterInstance = Fill(deregister) },
        { DrainInstance: { } drain } => new() { DrainInstance = Fill(drain) },
        { PutConfig: { } put } => new() { PutConfig = Fill(put) },
        { DeleteConfig: { } delete } => new() { DeleteConfig = Fill(delete) },
        { Heartbeat: { } heartbeat } => new() { Heartbeat = Fill(heartbeat) },
        { Genesis: { } genesis } => new() { Genesis = Fill(genesis) },
        { OutboxClaim: { } claim } => new() { OutboxClaim = claim with { Replica = claim.Replica ?? "" } },
        { StateRestoration: { } restoration } => new() { StateRestoration = Fill(restoration) },
        _ => command,
    };

    /// <summary>As a snapshot had it: nothing null, tags and metadata in ordinal order.</summary>
    public static ServiceInstance Fill(ServiceInstance instance) => instance with
    {
        Service = instance.Service ?? "",
        InstanceId = instance.InstanceId ?? "",
        Scheme = instance.Scheme ?? "",
        Host = instance.Host ?? "",
        Zone = instance.Zone ?? "",
        Tags = Fill(instance.Tags),
        Metadata = Fill(instance.Metadata),
        Node = instance.Node ?? "",
    };

    private static RegisterInstance Fill(RegisterInstance register) => register with
    {
        CommandId = register.CommandId ?? "",
        Service = register.Service ?? "",
        InstanceId = register.InstanceId ?? "",
        LeaseId = register.LeaseId ?? "",
        Scheme = register.Scheme ?? "",
        Host = register.Host ?? "",
        Zone = register.Zone ?? "",
        Tags = Fill(register.Tags),
        Metadata = Fill(register.Metadata),
        Node = register.Node ?? "",
        ReplyTo = Fill(register.ReplyTo),
    };

    private static DeregisterInstance Fill(DeregisterInstance deregister) => deregister with
    {
        CommandId = deregister.CommandId ?? "",
        Service = deregister.Service ?? "",
        InstanceId = deregister.InstanceId ?? "",
        LeaseId = deregister.LeaseId ?? "",
        ReplyTo = Fill(deregister.ReplyTo),
    };

    private static DrainInstance Fill(DrainInstance drain) => drain with
    {
        CommandId = drain.CommandId ?? "",
        Service = drain.Service ?? "",
        InstanceId = drain.InstanceId ?? "",
        LeaseId = drain.LeaseId ?? "",
        ReplyTo = Fill(drain.ReplyTo),
    };

    private static PutConfig Fill(PutConfig put) => put with
    {
        CommandId = put.CommandId ?? "",
        Key = put.Key ?? "",
        Value = put.Value ?? "",
        ReplyTo = Fill(put.ReplyTo),
    };

    private static DeleteConfig Fill(DeleteConfig delete) => delete with
    {
        CommandId = delete.CommandId ?? "",
        Key = delete.Key ?? "",
        ReplyTo = Fill(delete.ReplyTo),
    };

    private static Heartbeat Fill(Heartbeat heartbeat) => heartbeat with
    {
        Node = heartbeat.Node ?? "",
        Incarnation = heartbeat.Incarnation ?? "",
        Leases = [.. (heartbeat.Leases ?? []).Select(id => id ?? "")],
        ReplyTo = Fill(heartbeat.ReplyTo),
    };

    private static Genesis Fill(Genesis genesis) => genesis with
    {
        Epoch = genesis.Epoch == 0 ? 1 : genesis.Epoch,
        ClusterId = genesis.ClusterId ?? "",
        Group = genesis.Group ?? "",
        Limits = genesis.Limits ?? RegistryLimits.Default,
    };

    private static StateRestoration Fill(StateRestoration restoration) => restoration with
    {
        CommandId = restoration.CommandId ?? "",
        Kind = restoration.Kind ?? "",
        State = restoration.State ?? [],
        Checksum = restoration.Checksum ?? "",
        ReplyTo = Fill(restoration.ReplyTo),
    };

    private static ReplyAddress? Fill(ReplyAddress? address) =>
        address is null
            ? null
            : new() { Address = address.Address ?? "", RequestId = address.RequestId ?? "" };

    private static IReadOnlyList<string> Fill(IReadOnlyList<string>? tags) =>
        [.. new SortedSet<string>((tags ?? []).Select(tag => tag ?? ""), StringComparer.Ordinal)];

    private static SortedDictionary<string, string> Fill(IReadOnlyDictionary<string, string>? metadata)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (metadata is not null)
        {
            foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                sorted.Add(key, value ?? "");
            }
        }
        return sorted;
    }
}

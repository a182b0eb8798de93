using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>What all client commands share: who asks for what, and where the answer goes.</summary>
internal readonly record struct CommandHead(string CommandId, CommandSubject Subject, ReplyAddress? ReplyTo)
{
    /// <summary>Null for what no client waits for: heartbeats and the service's own commands.</summary>
    public static CommandHead? Of(RegistryEntryCommand command) => command switch
    {
        { RegisterInstance: { } register } => new(
            register.CommandId,
            new(nameof(RegisterInstance), register.Service, register.InstanceId), register.ReplyTo),
        { DeregisterInstance: { } deregister } => new(
            deregister.CommandId,
            new(nameof(DeregisterInstance), deregister.Service, deregister.InstanceId), deregister.ReplyTo),
        { DrainInstance: { } drain } => new(
            drain.CommandId, new(nameof(DrainInstance), drain.Service, drain.InstanceId), drain.ReplyTo),
        { PutConfig: { } put } => new(put.CommandId, new(nameof(PutConfig), "", put.Key), put.ReplyTo),
        { DeleteConfig: { } delete } => new(
            delete.CommandId, new(nameof(DeleteConfig), "", delete.Key), delete.ReplyTo),
        _ => null,
    };
}

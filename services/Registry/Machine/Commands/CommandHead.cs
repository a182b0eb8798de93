using Muster.Contracts;

namespace Muster.Registry.Machine;

/// <summary>What all client commands share: who asks, and where the answer goes.</summary>
internal readonly record struct CommandHead(string CommandId, ReplyAddress? ReplyTo)
{
    /// <summary>Null for what no client waits for: heartbeats and the service's own commands.</summary>
    public static CommandHead? Of(RegistryEntryCommand command) => command switch
    {
        { RegisterInstance: { } register } => new(register.CommandId, register.ReplyTo),
        { DeregisterInstance: { } deregister } => new(deregister.CommandId, deregister.ReplyTo),
        { DrainInstance: { } drain } => new(drain.CommandId, drain.ReplyTo),
        { PutConfig: { } put } => new(put.CommandId, put.ReplyTo),
        { DeleteConfig: { } delete } => new(delete.CommandId, delete.ReplyTo),
        _ => null,
    };
}

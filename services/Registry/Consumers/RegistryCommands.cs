using Muster.Contracts;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;

namespace Muster.Registry.Consumers;

/// <summary>Translations between the contract's one-of shapes and the entry's.</summary>
public static class RegistryCommands
{
    /// <summary>
    /// Whether a batch's command is one command: a bare-JSON sender may send none, two, or null.
    /// </summary>
    public static bool IsOfOneKind(RegistryCommand? command) => command is not null && new object?[]
    {
        command.RegisterInstance, command.DeregisterInstance, command.DrainInstance, command.PutConfig,
        command.DeleteConfig, command.ResolveService, command.ListServices, command.GetConfig,
        command.ListConfig, command.ReadRegistryEvents,
    }.Count(kind => kind is not null) == 1;

    /// <summary>The command as the log takes it, or null when it is a query.</summary>
    public static RegistryEntryCommand? ToEntry(RegistryCommand command) => command switch
    {
        { RegisterInstance: { } register } => new RegistryEntryCommand { RegisterInstance = register },
        { DeregisterInstance: { } deregister } =>
            new RegistryEntryCommand { DeregisterInstance = deregister },
        { DrainInstance: { } drain } => new RegistryEntryCommand { DrainInstance = drain },
        { PutConfig: { } put } => new RegistryEntryCommand { PutConfig = put },
        { DeleteConfig: { } delete } => new RegistryEntryCommand { DeleteConfig = delete },
        _ => null,
    };

    public static string IdOf(RegistryCommand command) => ToEntry(command) is { } entry
        ? IdOf(entry)
        : command.ResolveService?.CommandId ?? command.ListServices?.CommandId
            ?? command.GetConfig?.CommandId ?? command.ListConfig?.CommandId
            ?? command.ReadRegistryEvents?.CommandId ?? "";

    public static string IdOf(RegistryEntryCommand entry) => entry switch
    {
        { RegisterInstance: { } register } => register.CommandId,
        { DeregisterInstance: { } deregister } => deregister.CommandId,
        { DrainInstance: { } drain } => drain.CommandId,
        { PutConfig: { } put } => put.CommandId,
        { DeleteConfig: { } delete } => delete.CommandId,
        _ => "",
    };

    public static ReplyAddress? ReplyToOf(RegistryEntryCommand entry) => entry switch
    {
        { RegisterInstance: { } register } => register.ReplyTo,
        { DeregisterInstance: { } deregister } => deregister.ReplyTo,
        { DrainInstance: { } drain } => drain.ReplyTo,
        { PutConfig: { } put } => put.ReplyTo,
        { DeleteConfig: { } delete } => delete.ReplyTo,
        _ => null,
    };

    /// <summary>The command with the address its message came with, where it names none itself.</summary>
    public static RegistryCommand From(RegistryCommand command, ReplyAddress? sender) => command switch
    {
        _ when sender is null => command,
        { RegisterInstance: { } register } =>
            new() { RegisterInstance = register with { ReplyTo = register.ReplyTo ?? sender } },
        { DeregisterInstance: { } deregister } =>
            new() { DeregisterInstance = deregister with { ReplyTo = deregister.ReplyTo ?? sender } },
        { DrainInstance: { } drain } =>
            new() { DrainInstance = drain with { ReplyTo = drain.ReplyTo ?? sender } },
        { PutConfig: { } put } =>
            new() { PutConfig = put with { ReplyTo = put.ReplyTo ?? sender } },
        { DeleteConfig: { } delete } =>
            new() { DeleteConfig = delete with { ReplyTo = delete.ReplyTo ?? sender } },
        { ResolveService: { } query } =>
            new() { ResolveService = query with { ReplyTo = query.ReplyTo ?? sender } },
        { ListServices: { } query } =>
            new() { ListServices = query with { ReplyTo = query.ReplyTo ?? sender } },
        { GetConfig: { } query } =>
            new() { GetConfig = query with { ReplyTo = query.ReplyTo ?? sender } },
        { ListConfig: { } query } =>
            new() { ListConfig = query with { ReplyTo = query.ReplyTo ?? sender } },
        { ReadRegistryEvents: { } query } =>
            new() { ReadRegistryEvents = query with { ReplyTo = query.ReplyTo ?? sender } },
        _ => command,
    };

    /// <summary>The answer inside the one-of.</summary>
    public static object Content(RegistryReply reply) => reply switch
    {
        { InstanceAccepted: { } accepted } => accepted,
        { ConfigWritten: { } written } => written,
        { ServiceResolved: { } resolved } => resolved,
        { ServicesListed: { } listed } => listed,
        { ConfigRead: { } read } => read,
        { ConfigListed: { } listed } => listed,
        { RegistryEventsRead: { } read } => read,
        { RegistryRefused: { } refused } => refused,
        { RegistryUnknown: { } unknown } => unknown,
        _ => throw new InvalidOperationException("A reply holds no answer."),
    };

    /// <summary>A refused write's answer has the value that is there.</summary>
    public static long LengthOf(RegistryReply reply) => reply switch
    {
        { RegistryRefused.Current: { } entry } => entry.Key.Length + entry.Value.Length,
        { InstanceAccepted.Instance: { } instance } => instance.Tags.Sum(tag => tag.Length)
            + instance.Metadata.Sum(pair => pair.Key.Length + pair.Value.Length),
        _ => 0,
    };

    public static RegistryReply Refused(string commandId, RegistryRefusal reason, string message) => new()
    {
        RegistryRefused = new() { CommandId = commandId, Reason = reason, Message = message },
    };

    public static RegistryReply Overloaded(string commandId, string? why = null) => Refused(
        commandId, RegistryRefusal.Overloaded,
        why ?? "The replica has too many commands waiting; send again later.");

    public static RegistryReply TooLarge(string commandId) => Refused(
        commandId, RegistryRefusal.LimitReached, "The command is larger than an entry of the log.");

    public static RegistryReply Unknown(string commandId) => new()
    {
        RegistryUnknown = new()
        {
            CommandId = commandId,
            Message = "No leader confirmed the command in time; send it again with the same id "
                + "to learn its outcome.",
        },
    };
}

using MassTransit;
using Muster.Contracts.Registry;
using Muster.Hosting;
using Muster.Serving;

namespace Muster.Registry.Consumers;

/// <summary>
/// The public endpoint: single commands in MassTransit's envelope or as bare JSON. Each consumer only
/// translates; the message is acknowledged when its first answer is sent.
/// </summary>
public sealed class RegistryCommandConsumer(RegistryIntake intake) :
    IConsumer<RegisterInstance>, IConsumer<DeregisterInstance>, IConsumer<DrainInstance>,
    IConsumer<PutConfig>, IConsumer<DeleteConfig>, IConsumer<ResolveService>, IConsumer<ListServices>,
    IConsumer<GetConfig>, IConsumer<ListConfig>, IConsumer<ReadRegistryEvents>
{
    public Task Consume(ConsumeContext<RegisterInstance> context) => Take(context, new()
    {
        RegisterInstance = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<DeregisterInstance> context) => Take(context, new()
    {
        DeregisterInstance = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<DrainInstance> context) => Take(context, new()
    {
        DrainInstance = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<PutConfig> context) => Take(context, new()
    {
        PutConfig = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<DeleteConfig> context) => Take(context, new()
    {
        DeleteConfig = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ResolveService> context) => Take(context, new()
    {
        ResolveService = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ListServices> context) => Take(context, new()
    {
        ListServices = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<GetConfig> context) => Take(context, new()
    {
        GetConfig = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ListConfig> context) => Take(context, new()
    {
        ListConfig = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ReadRegistryEvents> context) => Take(context, new()
    {
        ReadRegistryEvents = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    private Task Take(ConsumeContext context, RegistryCommand command) => Settlement.Of(
        settled => intake.Take(RegistryCommands.From(command, context.ReplyAddressOf()), settled));

    /// <summary>
    /// A command that names itself in its body keeps that id; else the message's id counts.
    /// </summary>
    private static string Id(ConsumeContext context, string commandId) =>
        commandId.Length > 0 ? commandId : context.CommandIdOf() ?? "";
}

using MassTransit;
using Muster.Bus;
using Muster.Contracts.Decisions;
using Muster.Hosting;

namespace Muster.Decisions.Consumers;

/// <summary>
/// The public endpoint: single commands in MassTransit's envelope or as bare JSON. Each consumer only
/// translates; the message is acknowledged when its first answer is sent.
/// </summary>
public sealed class DecisionCommandConsumer(DecisionDesk desk) :
    IConsumer<ProposeValue>, IConsumer<GetDecision>, IConsumer<ListDecisions>, IConsumer<ReadDecisionEvents>
{
    public Task Consume(ConsumeContext<ProposeValue> context) => TakeAsync(context, new()
    {
        ProposeValue = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<GetDecision> context) => TakeAsync(context, new()
    {
        GetDecision = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ListDecisions> context) => TakeAsync(context, new()
    {
        ListDecisions = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ReadDecisionEvents> context) => TakeAsync(context, new()
    {
        ReadDecisionEvents = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    private Task TakeAsync(ConsumeContext context, DecisionCommand command) =>
        desk.TakeAsync(DecisionCommands.From(command, context.ReplyAddressOf()));

    /// <summary>
    /// A command that names itself in its body keeps that id; else the message's id counts.
    /// </summary>
    private static string Id(ConsumeContext context, string commandId) =>
        commandId.Length > 0 ? commandId : context.CommandIdOf() ?? "";
}

/// <summary>The public endpoint's queue: one for all replicas, each command to one of them.</summary>
public sealed class DecisionCommandConsumerDefinition : ConsumerDefinition<DecisionCommandConsumer>
{
    /// <summary>
    /// Commands under way in one process at most; they wait for a commit, not for a thread.
    /// </summary>
    public const int Concurrency = 256;

    private readonly DecisionDesk _desk;

    public DecisionCommandConsumerDefinition(BusNames names, DecisionDesk desk)
    {
        ArgumentNullException.ThrowIfNull(names);
        _desk = desk;
        EndpointName = names.Queue("muster-decisions");
        ConcurrentMessageLimit = Concurrency;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<DecisionCommandConsumer> consumerConfigurator,
        IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = Concurrency;
        endpointConfigurator.ConnectReceiveEndpointObserver(_desk);
    }
}

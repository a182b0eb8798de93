using MassTransit;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Hosting;
using Muster.Serving;

namespace Muster.Detector.Consumers;

/// <summary>The public endpoint; each consumer only translates.</summary>
public sealed class DetectorQueryConsumer(DetectorIntake intake) :
    IConsumer<DescribeNodes>, IConsumer<ReadDetectorEvents>
{
    public Task Consume(ConsumeContext<DescribeNodes> context)
    {
        var query = context.Message with
        {
            CommandId = Id(context, context.Message.CommandId),
            ReplyTo = context.Message.ReplyTo ?? context.ReplyAddressOf(),
        };
        return Settlement.Of(settled => intake.Take(query, settled));
    }

    public Task Consume(ConsumeContext<ReadDetectorEvents> context)
    {
        var query = context.Message with
        {
            CommandId = Id(context, context.Message.CommandId),
            ReplyTo = context.Message.ReplyTo ?? context.ReplyAddressOf(),
        };
        return Settlement.Of(settled => intake.Take(query, settled));
    }

    /// <summary>A query that names itself in its body keeps that id; else the message's id counts.</summary>
    private static string Id(ConsumeContext context, string commandId) =>
        commandId.Length > 0 ? commandId : context.CommandIdOf() ?? "";
}

/// <summary>The public endpoint's queue: one for all detectors, each query to one of them.</summary>
public sealed class DetectorQueryConsumerDefinition : ConsumerDefinition<DetectorQueryConsumer>
{
    /// <summary>Queries under way in one detector at most; they wait for the log, not for a thread.</summary>
    public const int Concurrency = 64;

    public DetectorQueryConsumerDefinition(BusNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        EndpointName = names.Queue("muster-detector");
        ConcurrentMessageLimit = Concurrency;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator,
        IConsumerConfigurator<DetectorQueryConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.PrefetchCount = Concurrency;
}

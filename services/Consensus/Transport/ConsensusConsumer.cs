using MassTransit;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;

namespace Muster.Consensus.Transport;

/// <summary>Hands public requests to a node of this process, which answers or forwards them.</summary>
public sealed class ConsensusConsumer(IEnumerable<ConsensusNodeHost> nodes)
    : IConsumer<ProposeEntries>, IConsumer<ReadEntries>, IConsumer<ReadIndex>, IConsumer<DescribeGroup>,
        IConsumer<TransferLeadership>, IConsumer<ChangeMembers>
{
    private const int SmallRequestBytes = 64;

    /// <summary>
    /// Who proposes here sees no commits, so the answer is wanted whatever the message says.
    /// </summary>
    public Task Consume(ConsumeContext<ProposeEntries> context) => Submit(
        context, context.Message.Group, context.Message.ProposalId,
        context.Message with { WantsAnswer = true },
        context.Message.Payloads?.Sum(payload => payload?.Length ?? 0) ?? 0);

    public Task Consume(ConsumeContext<ReadEntries> context) =>
        Submit(context, context.Message.Group, context.Message.RequestId, context.Message, SmallRequestBytes);

    public Task Consume(ConsumeContext<ReadIndex> context) =>
        Submit(context, context.Message.Group, context.Message.RequestId, context.Message, SmallRequestBytes);

    public Task Consume(ConsumeContext<DescribeGroup> context) =>
        Submit(context, context.Message.Group, context.Message.RequestId, context.Message, SmallRequestBytes);

    public Task Consume(ConsumeContext<TransferLeadership> context) =>
        Submit(context, context.Message.Group, context.Message.RequestId, context.Message, SmallRequestBytes);

    public Task Consume(ConsumeContext<ChangeMembers> context) =>
        Submit(context, context.Message.Group, context.Message.RequestId, context.Message, SmallRequestBytes);

    private Task Submit(ConsumeContext context, string group, string id, object request, int bytes)
    {
        var origin = context.ReplyAddressOf() ?? new ReplyAddress();
        if (origin.RequestId.Length == 0) origin = origin with { RequestId = id };
        var node = nodes.FirstOrDefault(node => node.Status.IsReady) ?? nodes.First();
        node.Submit(origin, group, request, bytes);
        return Task.CompletedTask;
    }
}

/// <summary>The shared queue of all consensus nodes.</summary>
public sealed class ConsensusEndpoint : ConsumerDefinition<ConsensusConsumer>
{
    public ConsensusEndpoint(BusNames names)
    {
        EndpointName = names.Queue("consensus");
        Endpoint(endpoint => endpoint.PrefetchCount = 256);
    }
}

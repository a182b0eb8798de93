using System.Threading.Channels;
using MassTransit;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Hosting;

namespace Muster.Endpoints.Tests;

/// <summary>What the sample consumer got, in order.</summary>
public sealed record Taken(object Message, ReplyAddress? ReplyTo, string? CommandId);

/// <summary>Everything the sample consumer took; read by the test.</summary>
public sealed class TakenMessages
{
    private readonly Channel<Taken> _taken = Channel.CreateUnbounded<Taken>();

    public void Add(Taken taken) => _taken.Writer.TryWrite(taken);

    public async Task<Taken> NextAsync(CancellationToken cancellationToken) =>
        await _taken.Reader.ReadAsync(cancellationToken);

    public bool IsEmpty => _taken.Reader.Count == 0;
}

/// <summary>
/// Two contracts on one endpoint; answers an acquire as it was asked for. Works on every transport.
/// </summary>
public sealed class SampleConsumer(TakenMessages taken, IReplySender replies)
    : IConsumer<AcquireLock>, IConsumer<ReleaseLock>
{
    public Task Consume(ConsumeContext<AcquireLock> context)
    {
        taken.Add(new Taken(context.Message, context.ReplyAddressOf(), context.CommandIdOf()));
        if (context.ReplyAddressOf() is { } replyTo)
        {
            replies.Send(replyTo, new LockGranted
            {
                CommandId = context.CommandIdOf() ?? "",
                Name = context.Message.Name,
                FencingToken = new FencingToken(7),
            });
        }
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<ReleaseLock> context)
    {
        taken.Add(new Taken(context.Message, context.ReplyAddressOf(), context.CommandIdOf()));
        return Task.CompletedTask;
    }
}

/// <summary>One at a time, so that what comes after a bad message shows that the consumer lives on.</summary>
public sealed class SampleDefinition : ConsumerDefinition<SampleConsumer>
{
    public const string Queue = "sample";

    public SampleDefinition(BusNames names)
    {
        EndpointName = names.Queue(Queue);
        ConcurrentMessageLimit = 1;
    }
}

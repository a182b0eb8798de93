using MassTransit;
using Muster.Contracts.Lock;
using Muster.Hosting;

namespace Muster.Lock.Consumers;

/// <summary>
/// The public endpoint: single commands in MassTransit's envelope or as bare JSON. Each consumer only
/// translates; the message is acknowledged when its first answer is sent.
/// </summary>
public sealed class LockCommandConsumer(LockIntake intake) :
    IConsumer<OpenSession>, IConsumer<CloseSession>, IConsumer<AcquireLock>, IConsumer<CancelAcquire>,
    IConsumer<ReleaseLock>, IConsumer<DescribeLock>, IConsumer<ReadLockEvents>
{
    public Task Consume(ConsumeContext<OpenSession> context) => Take(context, new()
    {
        OpenSession = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<CloseSession> context) => Take(context, new()
    {
        CloseSession = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<AcquireLock> context) => Take(context, new()
    {
        AcquireLock = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<CancelAcquire> context) => Take(context, new()
    {
        CancelAcquire = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ReleaseLock> context) => Take(context, new()
    {
        ReleaseLock = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<DescribeLock> context) => Take(context, new()
    {
        DescribeLock = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ReadLockEvents> context)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var query = context.Message;
        intake.Take(
            query with
            {
                CommandId = Id(context, query.CommandId),
                ReplyTo = query.ReplyTo ?? context.ReplyAddressOf(),
            },
            settled.SetResult);
        return settled.Task;
    }

    private Task Take(ConsumeContext context, LockCommand command)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        intake.Take(LockCommands.From(command, context.ReplyAddressOf()), settled.SetResult);
        return settled.Task;
    }

    /// <summary>
    /// A command that names itself in its body keeps that id; else the message's id counts.
    /// </summary>
    private static string Id(ConsumeContext context, string commandId) =>
        commandId.Length > 0 ? commandId : context.CommandIdOf() ?? "";
}

using MassTransit;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Muster.Serving;

namespace Muster.Lock.Consumers;

/// <summary>
/// The public endpoint: single commands in MassTransit's envelope or as bare JSON. Each consumer only
/// translates; the message is acknowledged when its first answer is sent.
/// </summary>
public sealed class LockCommandConsumer(LockRouter router) :
    IConsumer<OpenSession>, IConsumer<CloseSession>, IConsumer<AcquireLock>, IConsumer<CancelAcquire>,
    IConsumer<ReleaseLock>, IConsumer<DescribeLock>, IConsumer<ReadLockEvents>, IConsumer<BreakLock>,
    IConsumer<Campaign>, IConsumer<Resign>, IConsumer<ObserveLeader>, IConsumer<UpgradeLock>,
    IConsumer<ListLocks>, IConsumer<FindDeadlocks>, IConsumer<SetNamespaceLimits>,
    IConsumer<DescribeNamespaces>, IConsumer<ReadLockHistory>, IConsumer<Proclaim>
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

    public Task Consume(ConsumeContext<BreakLock> context) => Take(context, new()
    {
        BreakLock = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<Campaign> context) => Take(context, new()
    {
        Campaign = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<Resign> context) => Take(context, new()
    {
        Resign = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<Proclaim> context) => Take(context, new()
    {
        Proclaim = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ObserveLeader> context) => Take(context, new()
    {
        ObserveLeader = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<UpgradeLock> context) => Take(context, new()
    {
        UpgradeLock = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ListLocks> context) => Take(context, new()
    {
        ListLocks = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<FindDeadlocks> context) => Take(context, new()
    {
        FindDeadlocks = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<SetNamespaceLimits> context) => Take(context, new()
    {
        SetNamespaceLimits = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<DescribeNamespaces> context) => Take(context, new()
    {
        DescribeNamespaces = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ReadLockHistory> context) => Take(context, new()
    {
        ReadLockHistory = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ReadLockEvents> context)
    {
        var query = context.Message with
        {
            CommandId = Id(context, context.Message.CommandId),
            ReplyTo = context.Message.ReplyTo ?? context.ReplyAddressOf(),
        };
        return Settlement.Of(settled => router.Take(query, settled));
    }

    private Task Take(ConsumeContext context, LockCommand command) => Settlement.Of(
        settled => router.Take(LockCommands.From(command, context.ReplyAddressOf()), settled));

    /// <summary>
    /// A command that names itself in its body keeps that id; else the message's id counts.
    /// </summary>
    private static string Id(ConsumeContext context, string commandId) =>
        commandId.Length > 0 ? commandId : context.CommandIdOf() ?? "";
}

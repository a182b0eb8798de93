using MassTransit;
using Muster.Contracts.Recovery;
using Muster.Hosting;
using Muster.Recovery.Backups;
using Muster.Serving;

namespace Muster.Recovery.Consumers;

/// <summary>
/// The public endpoint: single commands in MassTransit's envelope or as bare JSON. Each consumer only
/// translates; the message is acknowledged when its first answer is sent.
/// </summary>
public sealed class RecoveryCommandConsumer(RecoveryIntake intake, BackupService backups) :
    IConsumer<RegisterPolicy>, IConsumer<RegisterStandby>, IConsumer<WithdrawStandby>,
    IConsumer<PromoteStandby>, IConsumer<ConfirmPromotion>, IConsumer<RemoveGroup>, IConsumer<UpdateState>,
    IConsumer<RecoverState>, IConsumer<ReadRecoveryEvents>, IConsumer<BackupNow>, IConsumer<ListBackups>,
    IConsumer<Restore>
{
    public Task Consume(ConsumeContext<RegisterPolicy> context) => Take(context, new()
    {
        RegisterPolicy = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<RegisterStandby> context) => Take(context, new()
    {
        RegisterStandby = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<WithdrawStandby> context) => Take(context, new()
    {
        WithdrawStandby = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<PromoteStandby> context) => Take(context, new()
    {
        PromoteStandby = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ConfirmPromotion> context) => Take(context, new()
    {
        ConfirmPromotion = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<RemoveGroup> context) => Take(context, new()
    {
        RemoveGroup = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<UpdateState> context) => Take(context, new()
    {
        UpdateState = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<RecoverState> context) => Take(context, new()
    {
        RecoverState = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<ReadRecoveryEvents> context) => Take(context, new()
    {
        ReadRecoveryEvents = context.Message with { CommandId = Id(context, context.Message.CommandId) },
    });

    public Task Consume(ConsumeContext<BackupNow> context) => backups.BackUpAsync(
        context.Message with
        {
            CommandId = Id(context, context.Message.CommandId),
            ReplyTo = context.Message.ReplyTo ?? context.ReplyAddressOf(),
        },
        context.CancellationToken);

    public Task Consume(ConsumeContext<ListBackups> context) => backups.ListAsync(
        context.Message with
        {
            CommandId = Id(context, context.Message.CommandId),
            ReplyTo = context.Message.ReplyTo ?? context.ReplyAddressOf(),
        },
        context.CancellationToken);

    public Task Consume(ConsumeContext<Restore> context) => backups.RestoreAsync(
        context.Message with
        {
            CommandId = Id(context, context.Message.CommandId),
            ReplyTo = context.Message.ReplyTo ?? context.ReplyAddressOf(),
        },
        context.CancellationToken);

    private Task Take(ConsumeContext context, RecoveryCommand command) => Settlement.Of(
        settled => intake.Take(RecoveryCommands.From(command, context.ReplyAddressOf()), settled));

    /// <summary>
    /// A command that names itself in its body keeps that id; else the message's id counts.
    /// </summary>
    private static string Id(ConsumeContext context, string commandId) =>
        commandId.Length > 0 ? commandId : context.CommandIdOf() ?? "";
}

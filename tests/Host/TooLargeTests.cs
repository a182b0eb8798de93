using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using Muster.Decisions.Consumers;
using Muster.Decisions.Machine;
using Muster.Decisions.Outcomes;
using Muster.Hosting;
using Muster.Recovery.Consumers;
using Muster.Recovery.Executing;
using Muster.Recovery.Machine;
using Muster.Recovery.Outcomes;
using Muster.Registry.Consumers;
using Muster.Registry.Machine;
using Muster.Registry.Outcomes;
using Muster.Replication;
using Muster.Replication.Core;
using Muster.Serving;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>
/// What no entry can hold is refused for good: "send it again" would be done until the time is over.
/// </summary>
public sealed class TooLargeTests : IReplySender
{
    private static readonly ReplyAddress Ann = new() { Address = "queue:ann", RequestId = "1" };
    private static readonly StateRestoration Restoration = new() { CommandId = "r", ReplyTo = Ann };

    private readonly List<object> _sent = [];

    [Fact]
    public void By_the_registry()
    {
        IEffectSink<RegistryEntryCommand, RegistryEffect> sink = new RegistryOutcomes(
            AnswersOf<RegistryEvent, RegistryReply>(RegistryCommands.Content),
            StatesOf<RegistryEntryCommand, RegistryEffect, RegistryMachine>(),
            new ReplicaCurrency(TimeProvider.System));

        sink.TooLarge(new() { PutConfig = new() { CommandId = "c", Key = "k", ReplyTo = Ann } });
        sink.TooLarge(new() { StateRestoration = Restoration });

        var refused = _sent[0].ShouldBeOfType<RegistryRefused>();
        (refused.CommandId, refused.Reason).ShouldBe(("c", RegistryRefusal.LimitReached));
        ShouldEndTheRestoration();
    }

    [Fact]
    public void By_the_recovery()
    {
        IEffectSink<RecoveryEntryCommand, RecoveryEffect> sink = new RecoveryOutcomes(
            AnswersOf<RecoveryEvent, RecoveryReply>(RecoveryCommands.Content),
            new VerdictIntake(_ => true, TimeProvider.System, NullLogger.Instance),
            StatesOf<RecoveryEntryCommand, RecoveryEffect, RecoveryMachine>(), new PlanSignal());

        sink.TooLarge(new() { UpdateState = new() { CommandId = "c", Group = "g", ReplyTo = Ann } });
        sink.TooLarge(new() { Group = new() { StateRestoration = Restoration } });

        var refused = _sent[0].ShouldBeOfType<RecoveryRefused>();
        (refused.CommandId, refused.Reason).ShouldBe(("c", RecoveryRefusal.LimitReached));
        ShouldEndTheRestoration();
    }

    [Fact]
    public void By_the_decisions()
    {
        IEffectSink<DecisionEntryCommand, DecisionEffect> sink = new DecisionOutcomes(
            AnswersOf<ValueDecided, DecisionReply>(DecisionCommands.Content),
            StatesOf<DecisionEntryCommand, DecisionEffect, DecisionsMachine>(),
            new ReplicaCurrency(TimeProvider.System));

        sink.TooLarge(new() { ProposeValue = new() { CommandId = "c", Key = "k", ReplyTo = Ann } });
        sink.TooLarge(new() { StateRestoration = Restoration });

        var refused = _sent[0].ShouldBeOfType<DecisionRefused>();
        (refused.CommandId, refused.Reason).ShouldBe(("c", DecisionRefusal.LimitReached));
        ShouldEndTheRestoration();
    }

    void IReplySender.Send<T>(ReplyAddress to, T message) => _sent.Add(message);

    private void ShouldEndTheRestoration()
    {
        var refused = _sent[1].ShouldBeOfType<GroupStateRefused>();
        (refused.CommandId, refused.IsUnknown).ShouldBe(("r", false));
    }

    private AppliedAnswers<TEvent, TReply> AnswersOf<TEvent, TReply>(Func<TReply, object> content)
        where TEvent : class
        where TReply : class => new(
            "service.a", new ReplyBatches<TReply>(this, replies => replies, content), new PendingAnswers(),
            () => { });

    private StateIntake<TCommand, TEffect, TMachine> StatesOf<TCommand, TEffect, TMachine>()
        where TMachine : class, IStateMachine<TEffect>, IRestorableMachine => new(
            "group", () => throw new InvalidOperationException("Not asked for."), () => this,
            _ => throw new InvalidOperationException("Not asked for."), TimeProvider.System,
            NullLogger.Instance);
}

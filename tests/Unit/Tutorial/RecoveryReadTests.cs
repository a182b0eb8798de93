using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class RecoveryReadTests
{
    private const string Group = "orders";
    private const int Current = 0;
    private const int Stale = 1;

    /// <summary>The tutorial's fault: state is taken from the first peer that answers, however old.</summary>
    [Fact]
    public void A_stale_replica_recovers_the_state_that_was_acknowledged_last()
    {
        var replicas = WithStaleReplica();
        var stale = (RecoveryMachine)replicas.MachineOf(Stale);
        VersionIn(stale).ShouldBe(1, "it must really lag behind");

        IsNewest(TutorialRecover(replicas)).ShouldBeFalse();

        IsNewest(replicas.Read(Stale, machine => VersionIn((RecoveryMachine)machine))).ShouldBeTrue();
    }

    private static bool IsNewest(long version) => version == 2;

    private static long TutorialRecover(Replicas<RecoveryEntryCommand, RecoveryEffect> peers)
    {
        int[] inTheOrderTheyAnswer = [Stale, Current];
        return VersionIn((RecoveryMachine)peers.MachineOf(inTheOrderTheyAnswer[0]));
    }

    private static long VersionIn(RecoveryMachine machine) =>
        machine.Recover(new() { CommandId = "q", Group = Group }).StateRecovered!.Group.StateVersion;

    private static Replicas<RecoveryEntryCommand, RecoveryEffect> WithStaleReplica()
    {
        var replicas = new Replicas<RecoveryEntryCommand, RecoveryEffect>(
            seed: 1, count: 2, () => new RecoveryMachine(),
            commands => RecoveryEntryCodec.Write(new() { Commands = commands }));
        replicas.Submit(Current, new RecoveryEntryCommand
        {
            Group = new() { Genesis = new() { Group = "recovery", ClusterId = "test", Epoch = 1 } },
        });
        replicas.Run(100);
        replicas.Submit(Current, new RecoveryEntryCommand
        {
            RegisterStandby = new()
            {
                CommandId = "join",
                Group = Group,
                Member = "a",
                Node = "n",
                Incarnation = "i",
                SessionId = "s",
            },
        });
        replicas.Run(100);
        Write(replicas, version: 1);
        replicas.Deafen(Stale);
        Write(replicas, version: 2);
        replicas.Answers.OfType<RecoveryEffect.Answer>()
            .Count(answer => answer.Reply.StateWritten is not null).ShouldBe(2);
        return replicas;
    }

    private static void Write(Replicas<RecoveryEntryCommand, RecoveryEffect> replicas, long version)
    {
        replicas.Submit(Current, new RecoveryEntryCommand
        {
            UpdateState = new()
            {
                CommandId = $"w{version}",
                Group = Group,
                Member = "a",
                GroupEpoch = 1,
                ExpectedVersion = version - 1,
                State = [(byte)version],
            },
        });
        replicas.Run(100);
    }
}

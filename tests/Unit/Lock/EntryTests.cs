using System.Text;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class EntryTests
{
    [Theory]
    [InlineData("""{"version":2,"commands":[]}""")]
    [InlineData("""{"commands":null,"version":1}""")]
    [InlineData("""{"version":1,"commands":[{}]}""")]
    [InlineData("""{"version":1,"commands":[null]}""")]
    [InlineData("""{"version":1,"commands":[{"mergeLock":{}}]}""")]
    [InlineData("""{"version":1,"commands":[{"openSession":{},"closeSession":{}}]}""")]
    [InlineData("null")]
    [InlineData("{")]
    public void What_cannot_be_read_stops_the_machine_before_anything_changes(string body)
    {
        var machine = new LockScript().Machine;
        var digest = machine.Digest();
        Should.Throw<FormatException>(() => machine.Apply(new()
        {
            Index = machine.LastIndex.Next(),
            LogTime = 99_000,
            Body = Encoding.UTF8.GetBytes(body),
        }));
        machine.Digest().ShouldBe(digest);
    }

    [Fact]
    public void What_makes_no_sense_is_not_written()
    {
        Should.Throw<ArgumentException>(() => LockEntryCodec.Write(new() { Commands = [new()] }));
        Should.Throw<ArgumentException>(() => LockEntryCodec.Write(
            new() { Commands = [new() { Genesis = new() { TokenFloor = -1 } }] }));
        Should.Throw<ArgumentException>(() => LockEntryCodec.Write(
            new() { Commands = [new() { Genesis = new() { Limits = new() { MaxOutbox = 0 } } }] }));
    }

    [Fact]
    public void Every_kind_of_command_survives_the_bytes()
    {
        LockEntryCommand[] commands =
        [
            new() { OpenSession = new() { SessionId = "s", ReplyTo = new() { Address = "inbox:a" } } },
            new() { CloseSession = new() { CommandId = "c", SessionId = "s" } },
            new() { AcquireLock = new() { Sequence = 4, AnsweredBelow = 3, WaitMilliseconds = 2 } },
            new() { CancelAcquire = new() { CommandId = "c", AcquireId = "a", Sequence = 1 } },
            new() { ReleaseLock = new() { Name = "n", AcquireId = "a", FencingToken = new(7) } },
            new() { BreakLock = new() { Name = "n", ExpectedToken = new(2), Reason = "r" } },
            new() { SetNamespaceLimits = new() { Namespace = "n", Limits = new() { MaxWaiting = 3 } } },
            new() { Campaign = new() { Election = "e", Value = "v", WaitMilliseconds = 4 } },
            new() { Resign = new() { Election = "e", CampaignId = "a", FencingToken = new(8) } },
            new() { Proclaim = new() { Election = "e", CampaignId = "a", Value = "v" } },
            new()
            {
                Genesis = new() { TokenFloor = 5, Epoch = 77, Group = "g", Limits = new() { MaxOutbox = 3 } },
            },
            new() { NodeCrash = new() { Node = "n", Incarnation = "i", Epoch = 3, Number = 4 } },
            new() { OutboxClaim = new() { Replica = "r", ExpectedEpoch = 2 } },
            new() { OutboxPublished = new() { Epoch = 2, UpTo = 9 } },
        ];
        LockEntryCodec.Read(LockEntryCodec.Write(new() { Commands = commands })).Commands.ShouldBe(commands);
        var restoration = new LockEntryCommand
        {
            StateRestoration = new()
            {
                CommandId = "c",
                Kind = "lock",
                State = [1, 2],
                Checksum = "s",
                Epoch = 3,
                TokenFloor = 4,
            },
        };
        LockEntryCodec.Read(LockEntryCodec.Write(new() { Commands = [restoration] })).Commands[0]
            .StateRestoration!.State.ShouldBe([1, 2]);
        var beat = new LockEntryCommand
        {
            Heartbeat = new() { Node = "n", Incarnation = "i", Number = 3, Sessions = ["s"] },
        };
        var bytes = LockEntryCodec.Write(new() { Commands = [beat] });
        var read = LockEntryCodec.Read(bytes).Commands[0].Heartbeat!;
        (read.Node, read.Incarnation, read.Number).ShouldBe(("n", "i", 3));
        read.Sessions.ShouldBe(["s"]);
    }

    [Fact]
    public void An_index_that_does_not_grow_is_a_fault()
    {
        var machine = new LockScript().Machine;
        Should.Throw<InvalidOperationException>(() =>
            machine.Apply(new() { Index = machine.LastIndex, LogTime = 0 }));
    }
}

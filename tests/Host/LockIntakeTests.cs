using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Broker;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Host.Embedded;
using Muster.Lock.Consumers;
using Muster.Serving;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>What a lock replica takes from its work queues, and when it lets go of a message.</summary>
public sealed class LockIntakeTests : IBatchTaker<LockCommandBatch, LockCommand>
{
    private const int MaxMessageBytes = 4_096;

    private readonly List<string> _settled = [];
    private readonly List<(LockCommand Command, ReplyAddress? Sender, Action Settled)> _taken = [];
    private readonly List<string> _refused = [];
    private readonly List<string> _refusedIds = [];

    [Fact]
    public void A_heartbeat_is_proposed_only_if_it_names_sessions()
    {
        using var host = EmbeddedHost.Build(
            Scratch.NewFolder("intake"), ["--Health:Url=http://127.0.0.1:0"], LogLevel.Warning);
        var intake = host.Services.GetRequiredService<LockRouter>();

        intake.Take(new Heartbeat { Node = "n", Leases = ["l"] }).ShouldBeFalse();
        intake.Take(new Heartbeat { Node = "n", Sessions = ["s"] }).ShouldBeTrue();
    }

    public static TheoryData<string> Commands =>
    [
        .. typeof(LockCommand).GetProperties().Select(property => property.Name)
            .Where(name => name != nameof(LockCommand.TraceParent)),
    ];

    /// <summary>One forgotten in a translation would be acknowledged and never answered.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_kind_of_command_is_translated_with_its_id_and_its_senders_address(string kind)
    {
        var (property, sender) = (typeof(LockCommand).GetProperty(kind)!, ReplyAddress.Inbox("ann"));
        var content = Activator.CreateInstance(property.PropertyType)!;
        property.PropertyType.GetProperty("CommandId")!.SetValue(content, "c");
        var command = new LockCommand();
        property.SetValue(command, content);

        LockCommands.IsOfOneKind(command).ShouldBeTrue();
        LockCommands.IdOf(command).ShouldBe("c");
        var addressed = property.GetValue(LockCommands.From(command, sender)).ShouldNotBeNull();
        property.PropertyType.GetProperty("ReplyTo")!.GetValue(addressed).ShouldBe(sender);
        var entry = LockCommands.ToEntry(LockCommands.From(command, sender));
        (entry is null).ShouldBe(
            kind is "DescribeLock" or "ObserveLeader" or "ListLocks" or "FindDeadlocks"
                or "DescribeNamespaces" or "ReadLockHistory",
            "queries are no entries");
        if (entry is not null)
        {
            (LockCommands.IdOf(entry), LockCommands.ReplyToOf(entry)).ShouldBe(("c", sender));
        }
    }

    /// <summary>A limit is final to a client; this is not.</summary>
    [Fact]
    public void Too_many_commands_waiting_is_told_apart_from_a_limit()
    {
        LockCommands.Overloaded("c").LockRefused.ShouldNotBeNull().Reason.ShouldBe(LockRefusal.Overloaded);
        LockCommands.TooLarge("c").LockRefused.ShouldNotBeNull().Reason.ShouldBe(LockRefusal.LimitReached);
    }

    public static TheoryData<string> Replies =>
        [.. typeof(LockReply).GetProperties().Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Replies))]
    public void Every_kind_of_answer_is_sent(string kind)
    {
        var property = typeof(LockReply).GetProperty(kind)!;
        var (reply, content) = (new LockReply(), Activator.CreateInstance(property.PropertyType)!);
        property.SetValue(reply, content);

        LockCommands.Content(reply).ShouldBeSameAs(content);
    }

    [Fact]
    public void A_batch_is_acknowledged_when_all_its_commands_are_answered()
    {
        Consume(new LockCommandBatch
        {
            Commands = [Open("1"), new LockCommand(), Open("2")],
            ReplyTo = ReplyAddress.Inbox("ann"),
        });

        _taken.Select(taken => (taken.Command.OpenSession!.CommandId, taken.Sender)).ShouldBe(
            [("1", ReplyAddress.Inbox("ann")), ("2", ReplyAddress.Inbox("ann"))]);
        _refused.ShouldHaveSingleItem().ShouldContain("exactly one");
        _taken[1].Settled();
        _settled.ShouldBeEmpty();
        _taken[0].Settled();
        _settled.ShouldBe(["acknowledged"]);
    }

    [Fact]
    public void A_batch_of_no_commands_is_refused_and_acknowledged()
    {
        Consume(new LockCommandBatch());

        _refused.ShouldHaveSingleItem().ShouldContain("this one has 0");
        _settled.ShouldBe(["acknowledged"]);
    }

    [Fact]
    public void A_batch_and_a_heartbeat_that_cannot_be_read_are_rejected()
    {
        var heartbeats = new HeartbeatIntake(
            "lock", _ => _settled.Add("taken"), MaxMessageBytes, NullLogger<LockIntakeTests>.Instance);

        Batches().Consume(Message("Muster.Contracts.Lock:LockCommandBatch", "{"u8.ToArray()));
        heartbeats.Consume(Message("Muster.Contracts.Detector:Heartbeat", "[]"u8.ToArray()));

        _settled.ShouldBe(["rejected", "rejected"]);
    }

    /// <summary>Read as a batch or a heartbeat it would be one of nobody, and acknowledged.</summary>
    [Fact]
    public void Another_contract_on_the_queue_is_rejected()
    {
        var close = BusJson.Write(new CloseSession { SessionId = "s" });

        Batches().Consume(Message("Muster.Contracts.Lock:CloseSession", close));
        Heartbeats(_ => _settled.Add("taken")).Consume(Message("Muster.Contracts.Lock:CloseSession", close));

        _settled.ShouldBe(["rejected", "rejected"]);
        _refused.ShouldBeEmpty();
    }

    [Fact]
    public void A_batch_above_the_limit_does_nothing_and_each_of_its_commands_is_refused_by_its_id()
    {
        var padding = new string('x', MaxMessageBytes);
        Consume(new LockCommandBatch
        {
            Commands = [Open("1"), new() { DescribeLock = new() { CommandId = "2", Name = padding } }],
            ReplyTo = ReplyAddress.Inbox("ann"),
        });

        _taken.ShouldBeEmpty();
        _refusedIds.ShouldBe(["1", "2"]);
        _refused.ShouldAllBe(why => why.EndsWith("Bus:MaxMessageBytes is 4096."));
        _settled.ShouldBe(["acknowledged"]);
    }

    [Fact]
    public void A_batch_above_the_limit_that_nobody_can_be_told_of_is_rejected()
    {
        var batch = new LockCommandBatch { Commands = [Open(new string('x', MaxMessageBytes))] };
        Batches().Consume(new LinkMessage(
            _ => _settled.Add("acknowledged"), _ => _settled.Add("rejected"))
        {
            Type = "Muster.Contracts.Lock:LockCommandBatch",
            Body = BusJson.Write(batch),
        });

        _taken.ShouldBeEmpty();
        _settled.ShouldBe(["rejected"]);
    }

    [Fact]
    public void A_heartbeat_above_the_limit_is_rejected_unread()
    {
        var heartbeats = new HeartbeatIntake(
            "lock", _ => _settled.Add("taken"), MaxMessageBytes, NullLogger<LockIntakeTests>.Instance);
        var beat = new Heartbeat { Node = new string('n', MaxMessageBytes) };

        heartbeats.Consume(Message("Muster.Contracts.Detector:Heartbeat", BusJson.Write(beat)));

        _settled.ShouldBe(["rejected"]);
    }

    public static TheoryData<Heartbeat> Oversized => new(
        new Heartbeat { Node = new string('n', 257), Sessions = ["s"] },
        new Heartbeat { Incarnation = new string('i', 257), Leases = ["l"] },
        new Heartbeat { Sessions = ["s", new string('s', 129)] },
        new Heartbeat { Leases = [new string('l', 129)] },
        new Heartbeat { Sessions = [.. Enumerable.Repeat("s", 10_001)] },
        new Heartbeat { Leases = [.. Enumerable.Repeat("l", 10_001)] });

    /// <summary>Each part of it would take its names into the log, and back into an answer.</summary>
    [Theory]
    [MemberData(nameof(Oversized), DisableDiscoveryEnumeration = true)]
    public void A_heartbeat_of_longer_names_or_more_ids_than_the_contract_allows_is_rejected(Heartbeat beat)
    {
        Heartbeats(_ => _settled.Add("taken"))
            .Consume(Message("Muster.Contracts.Detector:Heartbeat", BusJson.Write(beat)));

        _settled.ShouldBe(["rejected"]);
    }

    [Fact]
    public void A_heartbeat_at_the_limits_of_the_contract_is_taken()
    {
        var beat = new Heartbeat
        {
            Node = new string('n', 256),
            Incarnation = new string('i', 256),
            Sessions = [new string('s', 128)],
            Leases = [.. Enumerable.Range(0, 10_000).Select(number => $"l{number}")],
        };

        Heartbeats(_ => _settled.Add("taken"))
            .Consume(Message("Muster.Contracts.Detector:Heartbeat", BusJson.Write(beat)));

        _settled.ShouldBe(["taken", "acknowledged"]);
    }

    [Fact]
    public void An_address_that_no_answer_can_be_sent_to_is_not_taken_with_the_heartbeat()
    {
        var taken = new List<ReplyAddress?>();
        foreach (var address in new[]
        {
            ReplyAddress.Inbox(new string('a', 2_000)), ReplyAddress.Inbox("a", new string('r', 256)),
        })
        {
            Heartbeats(heartbeat => taken.Add(heartbeat.ReplyTo)).Consume(Message(
                "Muster.Contracts.Detector:Heartbeat",
                BusJson.Write(new Heartbeat { Sessions = ["s"], ReplyTo = address })));
        }

        taken.ShouldBe([null, null]);
    }

    [Fact]
    public void A_heartbeat_is_taken_with_its_senders_address_and_acknowledged_at_once()
    {
        ReplyAddress? sender = null;
        var heartbeats = new HeartbeatIntake(
            "lock", heartbeat => sender = heartbeat.ReplyTo, MaxMessageBytes,
            NullLogger<LockIntakeTests>.Instance);

        heartbeats.Consume(Message(
            "Muster.Contracts.Detector:Heartbeat", BusJson.Write(new Heartbeat { Node = "n" })));

        sender.ShouldBe(new ReplyAddress { Address = "queue:bare", RequestId = "7" });
        _settled.ShouldBe(["acknowledged"]);
    }

    ReplyAddress? IBatchTaker<LockCommandBatch, LockCommand>.ReplyToOf(LockCommandBatch batch) =>
        batch.ReplyTo;

    IReadOnlyList<LockCommand?> IBatchTaker<LockCommandBatch, LockCommand>.CommandsOf(
        LockCommandBatch batch) => batch.Commands;

    bool IBatchTaker<LockCommandBatch, LockCommand>.IsOfOneKind(LockCommand? command) =>
        LockCommands.IsOfOneKind(command);

    void IBatchTaker<LockCommandBatch, LockCommand>.Take(
        LockCommand command, ReplyAddress? sender, Action settled) => _taken.Add((command, sender, settled));

    string? IBatchTaker<LockCommandBatch, LockCommand>.TraceParentOf(LockCommand command) =>
        command.TraceParent;

    string IBatchTaker<LockCommandBatch, LockCommand>.IdOf(LockCommand command) =>
        LockCommands.IdOf(command);

    void IBatchTaker<LockCommandBatch, LockCommand>.Refuse(
        string commandId, ReplyAddress? sender, string why)
    {
        _refusedIds.Add(commandId);
        _refused.Add(why);
    }

    private static LockCommand Open(string commandId) =>
        new() { OpenSession = new() { CommandId = commandId } };

    private BatchIntake<LockCommandBatch, LockCommand> Batches() =>
        new("lock", () => this, MaxMessageBytes, NullLogger<LockIntakeTests>.Instance);

    private static HeartbeatIntake Heartbeats(Action<Heartbeat> take) =>
        new("lock", take, 1024 * 1024, NullLogger<LockIntakeTests>.Instance);

    private void Consume(LockCommandBatch batch) =>
        Batches().Consume(Message("Muster.Contracts.Lock:LockCommandBatch", BusJson.Write(batch)));

    private LinkMessage Message(string type, byte[] body) => new(
        _ => _settled.Add("acknowledged"), _ => _settled.Add("rejected"))
    {
        Type = type,
        Body = body,
        ReplyTo = "bare",
        CorrelationId = "7",
    };
}

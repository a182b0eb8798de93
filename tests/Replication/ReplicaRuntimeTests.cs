using Microsoft.Extensions.Time.Testing;
using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Replication.Tests;

public sealed class ReplicaRuntimeTests : IAsyncDisposable
{
    private const int SnapshotFailed = 5009;
    private const int SnapshotsTaken = 5010;
    private const int Halted = 5011;
    private const int EntryRefused = 5012;

    private readonly FakeBus _bus = new();
    private readonly EventLog _log = new();
    private FakeTimeProvider _time = new();
    private RecordingSink _sink = new();
    private ReplicaRuntime<long, long>? _runtime;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ReplicaRuntime<long, long> Runtime => _runtime!;

    public async ValueTask DisposeAsync()
    {
        if (_runtime is not null)
        {
            await _runtime.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_command_is_proposed_applied_and_told()
    {
        await StartAsync();
        Runtime.TrySubmit(3).ShouldBeTrue();
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 3));
        Runtime.TrySubmit(4).ShouldBeTrue();
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 7));
    }

    [Fact]
    public async Task A_read_runs_on_the_machine_and_sees_what_was_told_before()
    {
        await StartAsync();
        Runtime.TrySubmit(3);
        await _sink.NextEffectAsync(Cancellation);

        var answer = await Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation);
        answer.ShouldBe(new QueryAnswer<long> { IsKnown = true, Result = 3, Index = new(2) });
        (await Runtime.InspectAsync((SumMachine machine) => machine.Sum, Cancellation)).ShouldBe(3);
        Runtime.Status.IsHealthy.ShouldBeTrue();
        Runtime.Status.View.AppliedIndex.ShouldBe(new(2));
    }

    [Fact]
    public async Task A_querys_own_fault_is_its_callers()
    {
        await StartAsync();
        await Should.ThrowAsync<DivideByZeroException>(
            Runtime.ReadAsync((SumMachine machine) => 1 / machine.Sum, Cancellation));
        Runtime.Status.Fault.ShouldBeNull();
    }

    [Fact]
    public async Task Requests_name_the_inbox_and_the_request()
    {
        await StartAsync();
        Runtime.TrySubmit(3);
        await _sink.NextEffectAsync(Cancellation);

        _bus.Address.ShouldBe("replica.g.own");
        _bus.Options.Subscriptions.ShouldBe(
            ["muster.committed.g", "Muster.Contracts.Consensus:RefuseEntry"]);
        _bus.Options.Publishes.ShouldBe(["muster.consensus"]);
        _bus.Sent.ShouldAllBe(sent => sent.Options.ReplyTo == "inbox:replica.g.own");
        _bus.Sent.Single(sent => sent.Message is ProposeEntries)
            .ShouldSatisfyAllConditions(
                sent => sent.To.ShouldBe("consensus.n1"),
                sent => sent.Options.CorrelationId.ShouldBe(((ProposeEntries)sent.Message).ProposalId));
        _bus.Sent.First(sent => sent.Message is DescribeGroup).To.ShouldBe("muster.consensus");
    }

    [Fact]
    public async Task Without_an_answer_commands_and_reads_become_unknown()
    {
        await StartAsync();
        _bus.IsSilent = true;
        Runtime.TrySubmit(3);
        var read = Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation);
        await PassAsync();

        _time.Advance(TimeSpan.FromSeconds(10));
        (await _sink.NextUnknownAsync(Cancellation)).ShouldBe(3);
        (await read).IsKnown.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lost_proposal_is_sent_again_after_a_reconnect()
    {
        await StartAsync();
        _bus.LosesProposals = true;
        Runtime.TrySubmit(3);
        await PassAsync();
        _bus.LosesProposals = false;

        _bus.Connect();
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 3));
        _bus.Sent.Count(sent => sent.Message is ProposeEntries).ShouldBe(2);
    }

    [Fact]
    public async Task A_lost_proposal_is_sent_again_by_the_timer()
    {
        await StartAsync();
        _bus.LosesProposals = true;
        Runtime.TrySubmit(3);
        await PassAsync();
        _bus.LosesProposals = false;

        _time.Advance(TimeSpan.FromSeconds(1));
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 3));
    }

    [Fact]
    public async Task A_timer_that_fires_early_is_armed_again()
    {
        _time = new EarlyTime();
        await StartAsync();
        _bus.LosesProposals = true;
        Runtime.TrySubmit(3);
        await PassAsync();
        _bus.LosesProposals = false;

        _time.Advance(TimeSpan.FromMilliseconds(998));
        await PassAsync(); // armed for the proposal, due again after 1 s
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await PassAsync(); // fired early
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 3));
    }

    [Fact]
    public async Task Too_many_waiting_commands_are_not_taken()
    {
        _bus.IsSilent = true;
        await StartAsync(options => options with { MaxPendingCommands = 2 }, waitUntilUp: false);
        Runtime.TrySubmit(1).ShouldBeTrue();
        Runtime.TrySubmit(2).ShouldBeTrue();
        Runtime.TrySubmit(3).ShouldBeFalse();
        await PassAsync();
        Runtime.TrySubmit(3).ShouldBeFalse();
        Runtime.Status.View.WaitingCommands.ShouldBe(2);
    }

    [Fact]
    public async Task A_stopped_replica_answers_unknown_and_takes_nothing()
    {
        await StartAsync();
        _bus.IsSilent = true;
        Runtime.TrySubmit(3);
        var read = Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation);
        await Runtime.StopAsync(Cancellation);

        (await _sink.NextUnknownAsync(Cancellation)).ShouldBe(3);
        (await read).IsKnown.ShouldBeFalse();
        Runtime.TrySubmit(4).ShouldBeFalse();
        (await Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation)).IsKnown.ShouldBeFalse();
        await Should.ThrowAsync<InvalidOperationException>(
            Runtime.InspectAsync((SumMachine machine) => machine.Sum, Cancellation));
        Runtime.IsLinkUp.ShouldBeFalse();
    }

    [Fact]
    public async Task A_machine_that_throws_halts_the_replica_until_an_operator_refuses_the_entry()
    {
        await StartAsync();
        Runtime.TrySubmit(0);
        (await _sink.NextUnknownAsync(Cancellation)).ShouldBe(0);
        var halt = await Runtime.Halted.WaitAsync(Cancellation);
        halt.ShouldContain("halted before entry 2");
        await _log.WaitForAsync(Halted, Cancellation);
        Runtime.Status.Fault.ShouldBeNull();
        Runtime.Status.IsHealthy.ShouldBeFalse();
        (await Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation)).IsKnown.ShouldBeFalse();

        // As the health page has it, sent as bare JSON.
        var start = halt.IndexOf('{', StringComparison.Ordinal);
        _bus.Options.Subscriptions.ShouldContain("Muster.Contracts.Consensus:RefuseEntry");
        _bus.Options.OnMessage(new LinkMessage
        {
            Type = "Muster.Contracts.Consensus:RefuseEntry",
            Body = System.Text.Encoding.UTF8.GetBytes(halt[start..]),
        });
        await _log.WaitForAsync(EntryRefused, Cancellation);
        var read = await Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation);
        read.IsKnown.ShouldBeTrue();
        Runtime.Status.IsHealthy.ShouldBeTrue();
        Runtime.Status.View.RefusedIndex.ShouldBe(new(2));
        Runtime.TrySubmit(3).ShouldBeTrue();
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 3));
    }

    /// <summary>What was known of the old machine's age must be forgotten by the first question.</summary>
    [Fact]
    public async Task That_the_machine_is_made_anew_is_told_before_a_query_sees_it()
    {
        await StartAsync();
        Runtime.TrySubmit(3);
        await _sink.NextEffectAsync(Cancellation);
        using var asked = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var standing = Runtime.InspectAsync((SumMachine machine) =>
        {
            asked.Set();
            goOn.Wait(Cancellation);
            return machine.Sum;
        }, Cancellation);
        await Task.Run(() => asked.Wait(Cancellation), Cancellation);

        // One step takes both: the entry that halts the replica, and the query.
        _bus.Deliver(FakeBus.Poison(new(3)));
        var next = Runtime.InspectAsync(
            (SumMachine machine) => (machine.Sum, _sink.MachinesReplaced), Cancellation);
        goOn.Set();

        (await standing).ShouldBe(3);
        (await next).ShouldBe((0, 1));
    }

    [Fact]
    public async Task A_leader_that_is_heard_no_more_is_no_health()
    {
        await StartAsync();
        await PassSecondsAsync(9);
        Runtime.Status.IsHealthy.ShouldBeTrue("asked, it says that it leads");

        _bus.IsSilent = true;
        await PassSecondsAsync(3);
        Runtime.Status.IsHealthy.ShouldBeTrue("a leader may change in that time");
        await PassSecondsAsync(2);
        Runtime.Status.View.IsLeaderSilent.ShouldBeTrue();
        Runtime.Status.IsHealthy.ShouldBeFalse();
        Runtime.Status.IsLeaderKnown.ShouldBeTrue();

        _bus.IsSilent = false;
        await PassSecondsAsync(1);
        Runtime.Status.IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_told_with_an_entry_that_is_refused_later_is_withdrawn()
    {
        await StartAsync();
        Runtime.TrySubmit(5);
        await _sink.NextEffectAsync(Cancellation);
        var refused = _bus.Last;
        Runtime.TrySubmit(1);
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 6));

        _bus.Commit(FakeBus.RefusalOf(refused));
        (await _sink.NextWithdrawalAsync(Cancellation)).ShouldBe((refused.Index, refused.Index.Next()));
        Runtime.TrySubmit(3).ShouldBeTrue();
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 4));
    }

    [Fact]
    public async Task A_sink_that_throws_stops_the_replica()
    {
        _sink = new RecordingSink { Trap = 5 };
        await StartAsync();
        Runtime.TrySubmit(5);
        var read = await Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation);

        read.IsKnown.ShouldBeFalse();
        Runtime.Status.Fault.ShouldNotBeNull().ShouldContain("trapped");
        Runtime.TrySubmit(1).ShouldBeFalse();
    }

    [Fact]
    public async Task Foreign_and_malformed_messages_are_dropped()
    {
        await StartAsync();
        _bus.Options.OnMessage(new LinkMessage
        {
            Type = BusJson.TypeName(typeof(EntriesCommitted)),
            Body = "{"u8.ToArray(),
        });
        _bus.Options.OnMessage(new LinkMessage { Type = "Other:Message", Body = "{}"u8.ToArray() });
        _bus.Deliver(new EntriesCommitted { Group = "other", CommitIndex = new(99) });

        Runtime.TrySubmit(3);
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 3));
        Runtime.Status.View.CommitIndex.ShouldBe(new(2));
    }

    [Fact]
    public async Task A_snapshot_that_does_not_leave_is_told_and_sent_again()
    {
        await StartAsync(options => options with { SnapshotEveryEntries = 2 });
        _bus.DropsSnapshots = true;
        Runtime.TrySubmit(3);
        await _sink.NextEffectAsync(Cancellation);
        await _log.WaitForAsync(SnapshotFailed, Cancellation);
        Runtime.Status.View.SnapshotProblem.ShouldContain("s2 was not sent");
        Runtime.Status.IsHealthy.ShouldBeTrue();

        _bus.DropsSnapshots = false;
        _time.Advance(TimeSpan.FromSeconds(10));
        await PassAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _log.WaitForAsync(SnapshotsTaken, Cancellation);
        _bus.Sent.Count(sent => sent.Message is StoreSnapshot).ShouldBe(2);
        Runtime.Status.View.SnapshotProblem.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_the_log_is_replaced_queries_see_the_new_machine_and_open_ones_are_unknown()
    {
        await StartAsync();
        Runtime.TrySubmit(3);
        await _sink.NextEffectAsync(Cancellation);
        _bus.LosesProposals = true;
        Runtime.TrySubmit(4);
        await PassAsync();
        _bus.LosesProposals = false;
        _bus.Wipe();

        (await _sink.NextReplacementAsync(Cancellation)).ShouldBe("log-2");
        (await _sink.NextUnknownAsync(Cancellation)).ShouldBe(4);
        var answer = await Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation);
        answer.ShouldBe(new QueryAnswer<long> { IsKnown = true, Result = 0, Index = new(1) });
        Runtime.TrySubmit(5);
        (await _sink.NextEffectAsync(Cancellation)).ShouldBe((true, 5));
        Runtime.Status.View.LogId.ShouldBe("log-2");
    }

    private async Task StartAsync(
        Func<ReplicaOptions, ReplicaOptions>? change = null, bool waitUntilUp = true)
    {
        var options = new ReplicaOptions
        {
            Group = FakeBus.Group,
            Origin = "own",
            DigestEveryEntries = 0,
        };
        var setup = new ReplicaSetup<long, long>
        {
            Options = change?.Invoke(options) ?? options,
            NewMachine = () => new SumMachine(),
            Encode = SumMachine.Encode,
            Sink = _sink,
        };
        _runtime = new ReplicaRuntime<long, long>(setup, _bus, _time, _log);
        await Runtime.StartAsync(Cancellation);
        if (waitUntilUp)
        {
            // A linearizable read is only answered by a replica that knows its leader and has caught up with
            // it.
            var read = await Runtime.ReadAsync((SumMachine machine) => machine.Sum, Cancellation);
            read.IsKnown.ShouldBeTrue();
        }
    }

    /// <summary>
    /// The loop has taken all that was handed to it before, and sent what came of it: a step answers queries
    /// before it sends, so only a second one's answer says that the first step is over.
    /// </summary>
    private async Task PassAsync()
    {
        await Runtime.InspectAsync((SumMachine machine) => machine.Sum, Cancellation);
        await Runtime.InspectAsync((SumMachine machine) => machine.Sum, Cancellation);
    }

    private async Task PassSecondsAsync(int seconds)
    {
        // In steps, or the replica would have stood still.
        for (var tenth = 0; tenth < 10 * seconds; tenth++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await PassAsync();
        }
    }
}

using Muster.Broker;
using Muster.Cluster.Histories;
using Muster.Cluster.Load;
using Muster.Contracts;
using Muster.Host.Demo;
using Muster.Testing;
using Muster.Worker;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Load;

/// <summary>What the processes of an episode wrote down, as one history, and its ledger.</summary>
public sealed class EpisodeTests
{
    private const string Mutex = "fenced-mutex";

    private readonly string _folder = Scratch.NewFolder("episode");

    [Fact]
    public void Files_of_several_processes_are_one_history_in_the_order_of_time()
    {
        var one = Written("one", Events(Invoked(1, 10)), Events(Granted(1, 7, 20), Released(1, 30)));
        var other = Written("other", Events(Invoked(2, 15)), Events(Granted(2, 8, 40), Released(2, 50)));

        var history = EpisodeRecording.Read([other, one]).Histories[Mutex];

        history.Select(next => next.Time).ShouldBe([10L, 15, 20, 30, 40, 50]);
        Judged(history).ShouldBe(Testing.Verdict.Ok);
    }

    [Fact]
    public void Two_holders_in_two_processes_are_refuted()
    {
        var one = Written("one", Events(Invoked(1, 10)), Events(Granted(1, 7, 20), Released(1, 60)),
            Events(Done(1, 70)));
        var other = Written("other", Events(Invoked(2, 15)), Events(Granted(2, 8, 40), Released(2, 50)),
            Events(Done(2, 55)));

        Judged(EpisodeRecording.Read([one, other]).Histories[Mutex]).ShouldBe(Testing.Verdict.NotOk);
    }

    [Fact]
    public void What_a_killed_process_had_half_written_counts_as_never_said()
    {
        var killed = Written("killed", Events(Invoked(1, 10)));
        File.AppendAllText(killed, Events(Granted(1, 7, 20), Released(1, 30)).ToString()[..^5]);

        var history = History.Of(EpisodeRecording.Read([killed]).Histories[Mutex]);

        history.Operations.ShouldHaveSingleItem().Outcome.ShouldBe(Outcome.Unknown);
    }

    [Fact]
    public void An_acknowledged_write_that_is_not_there_is_found_and_one_that_nobody_heard_of_is_fine()
    {
        using var ledger = new Ledger(Path.Combine(_folder, "ledger.db"));
        ledger.TryWrite("a", 1, new FencingToken(1), "killed").ShouldBeTrue();
        ledger.TryWrite("a", 2, new FencingToken(2), "w").ShouldBeTrue();
        AcknowledgedWrite there = new("a", 2, new FencingToken(2)), lost = new("a", 3, new FencingToken(3));

        EpisodeVerdict.LedgerHolds([there], ledger.Results());
        Should.Throw<ShouldAssertException>(
            () => EpisodeVerdict.LedgerHolds([there, lost], ledger.Results()));
    }

    private static Testing.Verdict Judged(IEnumerable<HistoryEvent> events) => LinearizabilityChecker.Check(
        History.Of(events), new FencedMutexModel(),
        cancellationToken: TestContext.Current.CancellationToken).Verdict;

    private string Written(string name, params RecordedLine[] lines)
    {
        var file = Path.Combine(_folder, name + ".jsonl");
        File.WriteAllLines(file, lines.Select(line => line.ToString()));
        return file;
    }

    private static RecordedLine Events(params RecordedEvent[] events) => new() { Events = events };

    private static RecordedEvent Invoked(long process, long at) =>
        new(Mutex, process, EventType.Invoke, at) { Function = "acquire", Key = "a" };

    private static RecordedEvent Granted(long process, long token, long at) =>
        new(Mutex, process, EventType.Ok, at) { Token = token };

    private static RecordedEvent Released(long process, long at) =>
        new(Mutex, process, EventType.Invoke, at) { Function = "release", Key = "a" };

    private static RecordedEvent Done(long process, long at) => new(Mutex, process, EventType.Ok, at);
}

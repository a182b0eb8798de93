using Microsoft.Extensions.Time.Testing;
using Muster.Consensus.Reporting;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Driver;

/// <summary>With an election timeout of 500 ms at least: 250 ms are a stall.</summary>
public sealed class StallWatchTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<string> _noticed = [];
    private readonly StallWatch _watch;

    public StallWatchTests() => _watch = new(_time, 500, stall => _noticed.Add(
        $"{stall.Kind} from {stall.From:ss.fff} for {stall.Milliseconds}"));

    [Fact]
    public void A_loop_that_waits_as_long_as_it_means_to_does_not_stall()
    {
        Round(wait: 1000, sleeps: 1000, works: 249);
        Round(wait: 1000, sleeps: 0, works: 0);
        _noticed.ShouldBeEmpty();
    }

    [Fact]
    public void What_it_sleeps_too_long_and_what_it_works_is_one_stall()
    {
        Pass(1000);
        Round(wait: 100, sleeps: 300, works: 50);
        _noticed.ShouldBe(["Loop from 01.100 for 250"]);
    }

    [Fact]
    public void A_probe_leaves_twice_in_an_election_timeout()
    {
        _watch.TakeProbe("s")!.StartId.ShouldBe("s");
        _watch.TakeProbe("s").ShouldBeNull();
        _watch.ProbeDueInMilliseconds.ShouldBe(250);
        Pass(249);
        _watch.TakeProbe("s").ShouldBeNull();
        Pass(1);
        _watch.TakeProbe("s").ShouldNotBeNull();
    }

    [Fact]
    public void A_broker_in_time_is_measured_and_no_stall()
    {
        for (var i = 0; i < 30; i++)
        {
            var probe = _watch.TakeProbe("s")!;
            Pass(4);
            _watch.Returned(probe);
            Pass(246);
        }
        _watch.RoundTrip.ShouldBe(4, tolerance: 0.001);
        _noticed.ShouldBeEmpty();
    }

    [Fact]
    public void Probes_that_did_not_come_back_count_from_the_first_of_them()
    {
        _watch.Returned(_watch.TakeProbe("s")!);
        for (var i = 0; i < 3; i++)
        {
            Pass(250);
            _watch.TakeProbe("s").ShouldNotBeNull();
        }
        Pass(250);
        var heard = _watch.TakeProbe("s")!;
        Pass(2);
        _watch.Returned(heard);
        _noticed.ShouldBe(["Broker from 00.250 for 752"]);

        Pass(250);
        _watch.Returned(_watch.TakeProbe("s")!);
        _noticed.Count.ShouldBe(1);
    }

    [Fact]
    public void A_long_outage_counts_from_its_begin_and_the_newest_hundred_are_kept()
    {
        for (var i = 0; i < 240; i++)
        {
            _watch.TakeProbe("s").ShouldNotBeNull();
            Pass(250);
        }
        _watch.Returned(_watch.TakeProbe("s")!);
        _noticed.ShouldBe(["Broker from 00.000 for 60000"]);

        for (var i = 0; i < 100; i++) Round(wait: 0, sleeps: 0, works: 250 + i);
        _watch.Kept.Select(stall => (int)stall.Milliseconds).ShouldBe(Enumerable.Range(250, 100));
        (_watch.CountOf(StallKind.Loop), _watch.CountOf(StallKind.Broker)).ShouldBe((100, 1));
    }

    /// <summary>Its thread reads them: the disk is slow then, and not the broker.</summary>
    [Fact]
    public void Probes_that_waited_behind_a_lent_round_are_no_broker_that_was_slow()
    {
        var probe = _watch.TakeProbe("s")!;
        Pass(3);
        Round(wait: 1000, sleeps: 0, works: 600, isLent: true);
        Pass(1);
        _watch.Returned(probe);
        _watch.RoundTrip.ShouldBe(4, tolerance: 0.001);
        _noticed.ShouldBe(["Loop from 00.003 for 600"]);

        var slow = _watch.TakeProbe("s")!;
        Pass(600);
        _watch.Returned(slow);
        _noticed.Last().ShouldBe("Broker from 00.604 for 600");
    }

    /// <summary>Or an election that both together explain would have no reason.</summary>
    [Fact]
    public void A_lent_round_that_is_no_stall_is_a_part_of_the_brokers()
    {
        var probe = _watch.TakeProbe("s")!;
        Round(wait: 1000, sleeps: 0, works: 240, isLent: true);
        Pass(175);
        _watch.Returned(probe);
        _noticed.ShouldBe(["Broker from 00.000 for 415"]);
    }

    private void Pass(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private void Round(int wait, int sleeps, int works, bool isLent = false)
    {
        var from = _watch.Now;
        Pass(sleeps);
        var woke = _watch.Now;
        Pass(works);
        _watch.RoundEnded(from, wait, woke, isLent);
    }
}

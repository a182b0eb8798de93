using Muster.Consensus.Driver;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>One process of each disk is heard.</summary>
public sealed class LiveStartsTests
{
    private const long Silence = 300, Late = 2000;
    private const string First = "00000001-aaaaaaaa", Second = "00000002-bbbbbbbb";
    private const string Third = "00000003-cccccccc";

    private readonly LiveStarts _starts = new(Silence, Late, (_, disk) => disk == "member's");
    private long _now = 10_000;

    [Fact]
    public void A_restarted_process_follows_once_the_one_before_is_silent()
    {
        Hear(First).ShouldBe(LiveStarts.Verdict.Heard);
        Hear(Second, after: First).ShouldBe(LiveStarts.Verdict.Ignored);
        After(Silence - 1, Second).ShouldBe(LiveStarts.Verdict.Ignored);
        After(1, Second).ShouldBe(LiveStarts.Verdict.Heard);
        _starts.Of(new("n1"), "disk").ShouldBe(Second);
    }

    /// <summary>A copy from before counts its starts too.</summary>
    [Fact]
    public void A_process_of_a_greater_number_follows_only_once_it_says_that_it_comes_after_the_one_before()
    {
        Hear(First);
        After(10 * Late, Third).ShouldBe(LiveStarts.Verdict.Asked);
        Hear(Third).ShouldBe(LiveStarts.Verdict.Ignored, "asked a moment ago");
        After(Silence, Third, after: Second).ShouldBe(LiveStarts.Verdict.Asked, "it was asked for the first");
        After(Silence, Third, after: First).ShouldBe(LiveStarts.Verdict.Heard);
        After(Silence, "00000009-dddddddd", after: First).ShouldBe(LiveStarts.Verdict.Asked);
    }

    [Fact]
    public void That_one_process_comes_after_says_nothing_of_another()
    {
        Hear(First);
        Hear(Second, after: First).ShouldBe(LiveStarts.Verdict.Ignored);
        After(Silence, "00000002-cccccccc").ShouldBe(LiveStarts.Verdict.Asked);
        After(Silence, Second).ShouldBe(LiveStarts.Verdict.Asked);
    }

    [Fact]
    public void What_the_one_before_sent_last_is_late_and_what_comes_much_later_is_of_an_old_copy()
    {
        Hear(First);
        After(Silence, Second, after: First);
        After(Late, First).ShouldBe(LiveStarts.Verdict.Ignored);
        After(1, First).ShouldBe(LiveStarts.Verdict.Refused);
        Hear(Second).ShouldBe(LiveStarts.Verdict.Heard);
    }

    [Fact]
    public void Of_two_that_live_the_first_stays_and_the_second_is_refused()
    {
        var verdicts = new List<LiveStarts.Verdict>();
        for (var passed = 0L; passed <= Late + 400; passed += 100)
        {
            After(50, First).ShouldBe(LiveStarts.Verdict.Heard);
            verdicts.Add(After(50, Second, after: First));
        }
        verdicts.Distinct().ShouldBe([LiveStarts.Verdict.Ignored, LiveStarts.Verdict.Refused]);
    }

    [Fact]
    public void A_quick_restart_is_one_though_a_second_process_was_refused_long_ago()
    {
        Hear(First);
        var verdict = LiveStarts.Verdict.Ignored;
        for (; verdict != LiveStarts.Verdict.Refused; verdict = After(50, Second, after: First))
        {
            After(50, First);
        }
        for (var passed = 0L; passed <= 10 * Late; passed += 100) After(100, First);

        After(Silence / 3, Third, after: First).ShouldBe(LiveStarts.Verdict.Ignored);
        After(Silence, Third).ShouldBe(LiveStarts.Verdict.Heard);
    }

    [Fact]
    public void A_copy_that_was_started_as_often_is_not_the_same()
    {
        Hear(Second);
        After(Late + Silence, "00000002-cccccccc").ShouldBe(LiveStarts.Verdict.Refused);
    }

    /// <summary>As a node makes them whose folder does not outlive its container.</summary>
    [Fact]
    public void Ever_new_disks_keep_out_nobody_and_no_member_is_forgotten_for_them()
    {
        _starts.Hear(new("n2"), "member's", Second, "", _now).ShouldBe(LiveStarts.Verdict.Heard);
        for (var disk = 0; disk < 1_000; disk++)
        {
            _now += 100;
            _starts.Hear(new("n4"), $"disk {disk}", First, "", _now)
                .ShouldBe(LiveStarts.Verdict.Heard, $"{disk}");
        }
        _starts.Hear(new("n2"), "member's", First, "", _now)
            .ShouldBe(LiveStarts.Verdict.Refused, "an old copy");

        // All of them at once get no further.
        Enumerable.Range(0, 1_000).Select(disk => _starts.Hear(new("n5"), $"at once {disk}", First, "", _now))
            .Count(verdict => verdict == LiveStarts.Verdict.Heard).ShouldBeLessThan(256);
    }

    [Fact]
    public void Disks_and_nodes_do_not_touch_each_other()
    {
        Hear(Second);
        _starts.Hear(new("n1"), "other disk", First, "", _now).ShouldBe(LiveStarts.Verdict.Heard);
        _starts.Hear(new("n2"), "disk", First, "", _now).ShouldBe(LiveStarts.Verdict.Heard);
        Hear(Second).ShouldBe(LiveStarts.Verdict.Heard);
    }

    [Fact]
    public void Garbage_fills_no_memory()
    {
        Hear(First);
        for (var i = 0; i < 10_000; i++) _starts.Hear(new("n1"), $"disk {i}", First, "", _now);
        _starts.Hear(new("n1"), "disk 9999", First, "", _now).ShouldBe(LiveStarts.Verdict.Ignored);
        Hear(First).ShouldBe(LiveStarts.Verdict.Heard);
    }

    private LiveStarts.Verdict Hear(string startId, string after = "") =>
        _starts.Hear(new("n1"), "disk", startId, after, _now);

    private LiveStarts.Verdict After(long milliseconds, string startId, string after = "")
    {
        _now += milliseconds;
        return Hear(startId, after);
    }
}

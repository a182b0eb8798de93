using Microsoft.Extensions.Time.Testing;

namespace Muster.Testing.Tests;

/// <summary>
/// Where a bound is reached the answer is unknown, with the reason, and a refutation is found before.
/// </summary>
public sealed class BoundTests
{
    /// <summary>As many adds at once as there are orders nobody can try, and a read that fits none.</summary>
    private static HistoryScript Hard(HistoryScript script, string key, long firstProcess = 1)
    {
        const int Adds = 24;
        for (var process = firstProcess; process < firstProcess + Adds; process++)
        {
            script.Invoke(process, "append", $"{process % 10}", key);
        }
        for (var process = firstProcess; process < firstProcess + Adds; process++)
        {
            script.Ok(process);
        }
        return script.Do(1, "put", "", key: key).Do(1, "get", answer: "x", key: key);
    }

    [Fact]
    public void Out_of_time_is_unknown()
    {
        // Each look at this clock takes a second.
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var result = Hard(new(), "hard").Check("kv", new CheckOptions
        {
            Timeout = TimeSpan.FromSeconds(10),
            Time = time,
        });
        result.Verdict.ShouldBe(Verdict.Unknown);
        result.Failure.ShouldBeNull();
        result.Reason.ShouldNotBeNull().ShouldContain("not decided within 10 s: key \"hard\" (26 operations");
    }

    [Fact]
    public void Out_of_memory_is_unknown()
    {
        var result = Hard(new(), "hard").Check("kv", new CheckOptions { MemoryBytes = 1 << 20 });
        result.Verdict.ShouldBe(Verdict.Unknown);
        result.Reason.ShouldNotBeNull().ShouldContain("1 not decided within 1,048,576 bytes: key \"hard\"");
    }

    [Fact]
    public void Memory_is_taken_from_the_hard_key_and_the_others_are_decided()
    {
        var script = Hard(new(), "hard");
        for (var key = 0; key < 50; key++)
        {
            script.Do(1, "put", "a", key: $"{key}").Do(1, "get", answer: "a", key: $"{key}");
        }
        var result = script.Check("kv", new CheckOptions { MemoryBytes = 1 << 20 });
        result.Verdict.ShouldBe(Verdict.Unknown);
        result.Reason.ShouldNotBeNull().ShouldStartWith("of 51 keys 1 not decided");
    }

    [Fact]
    public void Hard_keys_do_not_hide_an_easy_refutation()
    {
        var script = Hard(Hard(Hard(new(), "a"), "b", firstProcess: 101), "c", firstProcess: 201);
        // Longer than the hard ones, so it is the last in the queue of one core.
        for (var round = 0; round < 50; round++)
        {
            script.Do(1, "put", "a", key: "easy");
        }
        var result = script.Do(1, "get", answer: "b", key: "easy")
            .Check("kv", new CheckOptions { Parallelism = 1 });
        result.Verdict.ShouldBe(Verdict.NotOk);
        result.Failure!.Key.ShouldBe("easy");
    }

    [Fact]
    public void A_refutation_wins_over_unknown_keys()
    {
        var script = Hard(new(), "hard").Do(1, "get", answer: "b", key: "easy");
        var result = script.Check("kv", new CheckOptions { MemoryBytes = 1 << 20, Parallelism = 1 });
        result.Verdict.ShouldBe(Verdict.NotOk);
        result.Failure!.Key.ShouldBe("easy");
    }

    [Fact]
    public void Many_unknown_outcomes_are_refuted_all_the_same()
    {
        // 40 unknown writes may stand anywhere; none explains that two cas of one value both matched.
        var script = new HistoryScript();
        for (var process = 1; process <= 40; process++)
        {
            script.Invoke(process, "write", process).Info(process);
        }
        for (var round = 0; round < 20; round++)
        {
            script.Do(1, "write", 100 + round).Do(2, "read", answer: 100 + round);
        }
        script.Do(1, "write", 1000)
            .Do(1, "cas", Value.ListOf(1000, 1001)).Do(2, "cas", Value.ListOf(1000, 1002))
            .ShouldBe("cas-register", Verdict.NotOk);
    }

    [Fact]
    public void A_cancelled_check_throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Should.Throw<OperationCanceledException>(() => LinearizabilityChecker.Check(
            Hard(new(), "hard").History(), Models.Find("kv")!, cancellationToken: cancelled.Token));
    }

    [Fact]
    public void A_bound_of_nothing_is_refused() => Should.Throw<ArgumentException>(
        () => new HistoryScript().Check("kv", new CheckOptions { Timeout = TimeSpan.Zero }));

    [Fact]
    public void Nothing_is_ok() => new HistoryScript().ShouldBe("kv", Verdict.Ok);
}

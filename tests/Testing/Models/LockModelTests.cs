namespace Muster.Testing.Tests;

/// <summary>Locks, semaphores and elections: what is right, and what each is known to get wrong.</summary>
public sealed class LockModelTests
{
    [Theory]
    [InlineData("mutex")]
    [InlineData("owner-mutex")]
    [InlineData("fenced-mutex")]
    [InlineData("reader-writer")]
    [InlineData("semaphore:1")]
    public void A_second_holder_is_refuted(string model)
    {
        new HistoryScript().Do(1, "acquire").Do(1, "release").Do(2, "acquire").ShouldBe(model, Verdict.Ok);
        new HistoryScript().Do(1, "acquire").Do(2, "acquire").ShouldBe(model, Verdict.NotOk);
        new HistoryScript().Do(1, "release").ShouldBe(model, Verdict.NotOk);
    }

    [Theory]
    [InlineData("mutex")]
    [InlineData("owner-mutex")]
    [InlineData("fenced-mutex")]
    [InlineData("reader-writer")]
    [InlineData("semaphore:1")]
    public void What_could_not_be_had_was_held(string model)
    {
        new HistoryScript().Do(1, "acquire").Do(2, "acquire", result: false).ShouldBe(model, Verdict.Ok);
        new HistoryScript().Do(1, "acquire").Do(1, "release").Do(2, "acquire", result: false)
            .ShouldBe(model, Verdict.NotOk);
        new HistoryScript().Do(1, "release", result: false).ShouldBe(model, Verdict.Ok);
        new HistoryScript().Do(1, "acquire").Do(1, "release", result: false).ShouldBe(model, Verdict.NotOk);
    }

    [Theory]
    [InlineData("mutex", Verdict.Ok)]
    [InlineData("owner-mutex", Verdict.NotOk)]
    [InlineData("fenced-mutex", Verdict.NotOk)]
    [InlineData("reader-writer", Verdict.NotOk)]
    [InlineData("semaphore:1", Verdict.Ok)]
    public void Another_gives_back_only_what_has_no_owner(string model, Verdict verdict) =>
        new HistoryScript().Do(1, "acquire").Do(2, "release").ShouldBe(model, verdict);

    [Fact]
    public void An_unknown_release_lets_the_next_in_and_one_that_failed_does_not()
    {
        new HistoryScript().Do(1, "acquire").Invoke(1, "release").Info(1).Do(2, "acquire")
            .ShouldBe("owner-mutex", Verdict.Ok);
        new HistoryScript().Do(1, "acquire").Invoke(1, "release").Fail(1).Do(2, "acquire")
            .ShouldBe("owner-mutex", Verdict.NotOk);
    }

    /// <summary>A service that takes a lock from a holder which was killed is right.</summary>
    [Theory]
    [InlineData("mutex")]
    [InlineData("owner-mutex")]
    [InlineData("fenced-mutex")]
    [InlineData("reader-writer")]
    [InlineData("semaphore:1")]
    public void What_was_lost_lets_the_next_in(string model)
    {
        Check(isLost: false, nextToken: 6).ShouldBe(Verdict.NotOk);
        Check(isLost: true, nextToken: 6).ShouldBe(Verdict.Ok);
        Check(isLost: true, nextToken: 5).ShouldBe(model == "fenced-mutex" ? Verdict.NotOk : Verdict.Ok);

        Verdict Check(bool isLost, long nextToken)
        {
            var recorder = new HistoryRecorder();
            recorder.Invoke(1, "acquire", "jobs").Ok(token: 5);
            recorder.Invoke(2, "acquire", "jobs").Ok(token: nextToken);
            if (isLost) recorder.Lost(1, "release", "jobs"); // known only after all
            return VerdictOn(recorder, model);
        }
    }

    /// <summary>Most learn of a loss by a release that is refused.</summary>
    [Theory]
    [InlineData("owner-mutex")]
    [InlineData("fenced-mutex")]
    [InlineData("reader-writer")]
    public void What_was_lost_was_so_before_its_release_was_refused(string model)
    {
        var recorder = new HistoryRecorder();
        recorder.Invoke(1, "acquire", "jobs").Ok(token: 5);
        recorder.Invoke(2, "acquire", "jobs").Ok(token: 6);
        recorder.Invoke(1, "release", "jobs").Ok(result: false);
        recorder.Lost(1, "release", "jobs");
        VerdictOn(recorder, model).ShouldBe(Verdict.Ok);
    }

    [Fact]
    public void A_leader_that_was_deposed_lets_the_next_in()
    {
        var recorder = new HistoryRecorder();
        recorder.Invoke(1, "elect").Ok();
        recorder.Invoke(2, "elect").Ok();
        VerdictOn(recorder, "election").ShouldBe(Verdict.NotOk);

        recorder.Lost(1, "resign");

        VerdictOn(recorder, "election").ShouldBe(Verdict.Ok);
    }

    [Fact]
    public void An_unknown_acquire_is_its_process_to_give_back() => new HistoryScript()
        .Invoke(1, "acquire").Info(1).Do(2, "acquire", result: false).Do(1, "release").Do(2, "acquire")
        .ShouldBe("owner-mutex", Verdict.Ok);

    [Fact]
    public void A_token_is_above_all_before_it()
    {
        new HistoryScript().Do(1, "acquire", token: 5).Do(1, "release").Do(2, "acquire").Do(2, "release")
            .Do(1, "acquire", token: 6)
            .ShouldBe("fenced-mutex", Verdict.Ok);
        new HistoryScript().Do(1, "acquire", token: 5).Do(1, "release").Do(2, "acquire", token: 4)
            .ShouldBe("fenced-mutex", Verdict.NotOk);
        new HistoryScript().Do(1, "acquire", token: 5).Do(1, "release").Do(2, "acquire", token: 5)
            .ShouldBe("fenced-mutex", Verdict.NotOk);
        new HistoryScript().Do(1, "acquire", token: 5).Do(1, "release").Do(2, "acquire").Do(2, "release")
            .Do(1, "acquire", token: 5)
            .ShouldBe("fenced-mutex", Verdict.NotOk);
    }

    [Fact]
    public void Tokens_of_concurrent_acquires_tell_their_order() => new HistoryScript()
        .Invoke(1, "acquire").Invoke(2, "acquire").Ok(1, token: 8)
        .Invoke(1, "release").Ok(2, token: 7).Do(2, "release").Ok(1)
        .ShouldBe("fenced-mutex", Verdict.NotOk);

    [Fact]
    public void Readers_share_and_a_writer_does_not()
    {
        new HistoryScript().Do(1, "acquire", "read").Do(2, "acquire", "read").Do(1, "release")
            .Do(3, "acquire", "write", result: false).Do(2, "release", "read").Do(3, "acquire", "write")
            .Do(1, "acquire", "read", result: false)
            .ShouldBe("reader-writer", Verdict.Ok);
        new HistoryScript().Do(1, "acquire", "read").Do(2, "acquire", "write")
            .ShouldBe("reader-writer", Verdict.NotOk);
        new HistoryScript().Do(1, "acquire", "write").Do(2, "acquire", "read")
            .ShouldBe("reader-writer", Verdict.NotOk);
        new HistoryScript().Do(1, "acquire", "read").Do(1, "release", "write")
            .ShouldBe("reader-writer", Verdict.NotOk);
    }

    [Fact]
    public void A_semaphore_gives_as_many_as_it_has()
    {
        new HistoryScript().Do(1, "acquire", 2).Do(2, "acquire").Do(3, "acquire", result: false)
            .Do(4, "release", 3).Do(1, "acquire", 3)
            .ShouldBe("semaphore:3", Verdict.Ok);
        new HistoryScript().Do(1, "acquire", 2).Do(2, "acquire", 2).ShouldBe("semaphore:3", Verdict.NotOk);
        new HistoryScript().Do(1, "acquire").Do(1, "release", 2).ShouldBe("semaphore:3", Verdict.NotOk);
    }

    [Fact]
    public void Two_leaders_are_refuted()
    {
        new HistoryScript().Do(1, "elect").Do(2, "elect", answer: 1).Do(1, "resign").Do(2, "elect", answer: 2)
            .Do(1, "elect", answer: 2, result: false)
            .ShouldBe("election", Verdict.Ok);
        new HistoryScript().Do(1, "elect").Do(2, "elect").ShouldBe("election", Verdict.NotOk);
        new HistoryScript().Do(1, "elect").Do(2, "elect", answer: 3).ShouldBe("election", Verdict.NotOk);
        new HistoryScript().Do(1, "elect", result: false).ShouldBe("election", Verdict.NotOk);
    }

    [Fact]
    public void Only_the_leader_resigns()
    {
        new HistoryScript().Do(1, "elect").Do(2, "resign").ShouldBe("election", Verdict.NotOk);
        new HistoryScript().Do(1, "elect").Do(2, "resign", result: false).Do(1, "resign")
            .ShouldBe("election", Verdict.Ok);
    }

    private static Verdict VerdictOn(HistoryRecorder recorder, string model) => LinearizabilityChecker.Check(
        recorder.ToHistory(), Models.Find(model)!, cancellationToken: TestContext.Current.CancellationToken)
        .Verdict;
}

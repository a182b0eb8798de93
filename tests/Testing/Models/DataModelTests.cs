namespace Muster.Testing.Tests;

/// <summary>Registers, keys, sets and queues: what is right, and what each is known to get wrong.</summary>
public sealed class DataModelTests
{
    [Fact]
    public void A_register_is_null_until_it_is_written() => new HistoryScript()
        .Do(1, "read").Do(1, "write", 5).Do(2, "read", answer: 5).Do(2, "read", answer: 5.0)
        .ShouldBe("register", Verdict.Ok);

    [Fact]
    public void A_stale_read_is_refuted() => new HistoryScript()
        .Do(1, "write", 1).Do(1, "write", 2).Do(2, "read", answer: 1)
        .ShouldBe("register", Verdict.NotOk);

    [Fact]
    public void A_read_beside_a_write_sees_the_one_or_the_other_but_not_back_again()
    {
        new HistoryScript().Do(1, "write", 1).Invoke(1, "write", 2)
            .Do(2, "read", answer: 1).Do(3, "read", answer: 2).Ok(1)
            .ShouldBe("register", Verdict.Ok);
        new HistoryScript().Do(1, "write", 1).Invoke(1, "write", 2)
            .Do(2, "read", answer: 2).Do(3, "read", answer: 1).Ok(1)
            .ShouldBe("register", Verdict.NotOk);
    }

    [Fact]
    public void A_read_of_a_failed_write_is_refuted_that_of_an_unknown_one_is_not()
    {
        new HistoryScript().Invoke(1, "write", 1).Fail(1).Do(2, "read", answer: 1)
            .ShouldBe("register", Verdict.NotOk);
        new HistoryScript().Invoke(1, "write", 1).Info(1).Do(2, "read").Do(2, "read", answer: 1)
            .ShouldBe("register", Verdict.Ok);
        new HistoryScript().Invoke(1, "write", 1).Info(1).Do(2, "read", answer: 1).Do(2, "read")
            .ShouldBe("register", Verdict.NotOk);
    }

    [Fact]
    public void An_unknown_write_takes_effect_long_after_its_process_went_on() => new HistoryScript()
        .Invoke(1, "write", 1).Info(1).Do(1, "write", 2).Do(1, "read", answer: 2).Do(1, "read", answer: 1)
        .ShouldBe("register", Verdict.Ok);

    [Fact]
    public void An_unknown_operation_takes_effect_once() => new HistoryScript()
        .Invoke(1, "write", 1).Info(1).Do(1, "read", answer: 1).Do(1, "write", 2).Do(1, "read", answer: 1)
        .ShouldBe("register", Verdict.NotOk);

    [Fact]
    public void A_read_that_failed_or_is_unknown_says_nothing() => new HistoryScript()
        .Do(1, "write", 1).Invoke(2, "read").Fail(2).Invoke(3, "read").Info(3).Invoke(4, "read")
        .ShouldBe("register", Verdict.Ok);

    [Fact]
    public void A_lost_update_is_refuted() => new HistoryScript()
        .Do(1, "write", 0)
        .Invoke(1, "cas", Value.ListOf(0, 1)).Invoke(2, "cas", Value.ListOf(0, 2))
        .Ok(1, result: true).Ok(2, result: true)
        .ShouldBe("cas-register", Verdict.NotOk);

    [Fact]
    public void A_cas_that_did_not_match_saw_another_value()
    {
        new HistoryScript().Do(1, "write", 1).Do(2, "cas", Value.ListOf(1, 2), result: false)
            .ShouldBe("cas-register", Verdict.NotOk);
        new HistoryScript().Do(1, "write", 1).Do(2, "cas", Value.ListOf(3, 2), result: false)
            .Do(2, "cas", Value.ListOf(1, 2)).Do(3, "read", answer: 2)
            .ShouldBe("cas-register", Verdict.Ok);
    }

    [Fact]
    public void A_cas_of_unknown_outcome_had_an_effect_only_where_it_matched()
    {
        new HistoryScript().Do(1, "write", 1).Invoke(2, "cas", Value.ListOf(1, 2)).Info(2)
            .Do(1, "read", answer: 2)
            .ShouldBe("cas-register", Verdict.Ok);
        new HistoryScript().Do(1, "write", 3).Invoke(2, "cas", Value.ListOf(1, 2)).Info(2)
            .Do(1, "read", answer: 2)
            .ShouldBe("cas-register", Verdict.NotOk);
    }

    [Fact]
    public void The_first_proposal_decides_and_everybody_sees_its_value()
    {
        new HistoryScript().Do(1, "read").Do(1, "propose", "a", answer: "a")
            .Do(2, "propose", "b", answer: "a").Do(3, "read", answer: "a")
            .ShouldBe("write-once", Verdict.Ok);
        new HistoryScript().Do(1, "propose", "a", answer: "a").Do(2, "propose", "b", answer: "b")
            .ShouldBe("write-once", Verdict.NotOk);
        new HistoryScript().Do(1, "propose", "a", answer: "a").Do(2, "read")
            .ShouldBe("write-once", Verdict.NotOk);
        new HistoryScript().Invoke(1, "propose", "a").Do(2, "propose", "b", answer: "a").Ok(1, answer: "b")
            .ShouldBe("write-once", Verdict.NotOk);
    }

    [Fact]
    public void A_proposal_of_unknown_outcome_decides_or_not()
    {
        new HistoryScript().Invoke(1, "propose", "a").Info(1).Do(2, "read").Do(2, "propose", "b", answer: "a")
            .ShouldBe("write-once", Verdict.Ok);
        new HistoryScript().Invoke(1, "propose", "a").Info(1).Do(2, "propose", "b", answer: "b")
            .Do(2, "read", answer: "a")
            .ShouldBe("write-once", Verdict.NotOk);
        new HistoryScript().Do(2, "propose", "b", answer: "c").ShouldBe("write-once", Verdict.NotOk);
    }

    [Fact]
    public void Absent_and_empty_are_the_same_under_a_key() => new HistoryScript()
        .Do(1, "get").Do(1, "get", answer: "").Do(1, "append", "a").Do(2, "append", "b")
        .Do(1, "get", answer: "ab").Do(1, "put", "").Do(1, "get")
        .ShouldBe("kv", Verdict.Ok);

    [Fact]
    public void Appends_that_swap_or_vanish_are_refuted()
    {
        new HistoryScript().Do(1, "append", "a").Do(2, "append", "b").Do(1, "get", answer: "ba")
            .ShouldBe("kv", Verdict.NotOk);
        new HistoryScript().Invoke(1, "append", "a").Invoke(2, "append", "b").Ok(1).Ok(2)
            .Do(1, "get", answer: "ba").Do(1, "get", answer: "b")
            .ShouldBe("kv", Verdict.NotOk);
    }

    [Fact]
    public void A_sets_read_sees_all_that_was_added_in_any_order()
    {
        new HistoryScript().Do(1, "read", answer: Value.ListOf()).Do(1, "add", 1).Do(2, "add", "1")
            .Do(1, "add", 1).Do(1, "read", answer: Value.ListOf("1", 1))
            .ShouldBe("set", Verdict.Ok);
        new HistoryScript().Do(1, "add", 1).Do(2, "add", 2).Do(1, "read", answer: Value.ListOf(2))
            .ShouldBe("set", Verdict.NotOk);
    }

    [Fact]
    public void An_unknown_add_is_seen_from_one_read_on()
    {
        new HistoryScript().Invoke(1, "add", 1).Info(1).Do(2, "read", answer: Value.ListOf())
            .Do(2, "read", answer: Value.ListOf(1))
            .ShouldBe("set", Verdict.Ok);
        new HistoryScript().Invoke(1, "add", 1).Info(1).Do(2, "read", answer: Value.ListOf(1))
            .Do(2, "read", answer: Value.ListOf())
            .ShouldBe("set", Verdict.NotOk);
    }

    [Fact]
    public void A_queue_gives_each_item_once_and_in_order()
    {
        new HistoryScript().Do(1, "dequeue").Do(1, "enqueue", "a").Do(1, "enqueue", "b")
            .Do(2, "dequeue", answer: "a").Do(2, "dequeue", answer: "b").Do(2, "dequeue")
            .ShouldBe("queue", Verdict.Ok);
        new HistoryScript().Do(1, "enqueue", "a").Do(2, "dequeue", answer: "a").Do(3, "dequeue", answer: "a")
            .ShouldBe("queue", Verdict.NotOk);
        new HistoryScript().Do(1, "enqueue", "a").Do(1, "enqueue", "b").Do(2, "dequeue", answer: "b")
            .ShouldBe("queue", Verdict.NotOk);
        new HistoryScript().Do(1, "enqueue", "a").Do(2, "dequeue")
            .ShouldBe("queue", Verdict.NotOk);
    }

    [Fact]
    public void An_unknown_dequeue_explains_what_is_missing() => new HistoryScript()
        .Do(1, "enqueue", "a").Do(1, "enqueue", "b").Invoke(2, "dequeue").Info(2)
        .Do(1, "dequeue", answer: "b").Do(1, "dequeue")
        .ShouldBe("queue", Verdict.Ok);

    [Fact]
    public void Keys_are_objects_of_their_own()
    {
        new HistoryScript().Do(1, "write", 1, key: "a").Do(1, "read", key: "b")
            .Do(1, "read", answer: 1, key: "a")
            .ShouldBe("register", Verdict.Ok);
        var refuted = new HistoryScript().Do(1, "write", 1, key: "a").Do(1, "write", 1, key: "b")
            .Do(1, "read", answer: 1, key: "a").Do(1, "read", answer: 2, key: "b").Check("register");
        refuted.Failure!.Key.ShouldBe("b");
        refuted.Keys.ShouldBe(2);
    }
}

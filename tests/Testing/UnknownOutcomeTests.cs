using Shouldly;
using Xunit;

namespace Muster.Testing.Tests;

/// <summary>
/// Many operations of unknown outcome, as a system under faults leaves them: decided although their orders
/// are too many to search, by what the models know beforehand.
/// </summary>
public sealed class UnknownOutcomeTests
{
    private const int Many = 22;

    [Theory]
    [InlineData("j", Verdict.Ok)]
    [InlineData("zzz", Verdict.NotOk)]
    public void Appends_after_a_put(string got, Verdict verdict)
    {
        var script = new HistoryScript().Do(1, "put", "");
        for (var letter = 'a'; letter <= 'j'; letter++)
        {
            script.Invoke(letter, "append", $"{letter}").Info(letter);
        }
        script.Do(1, "get", answer: got).ShouldBe("kv", verdict);
    }

    [Fact]
    public void Enqueues_that_nobody_took_and_a_dequeue()
    {
        var script = new HistoryScript();
        for (var item = 1; item <= 12; item++)
        {
            script.Invoke(10 + item, "enqueue", item).Info(10 + item);
        }
        script.Do(1, "enqueue", "a").Invoke(2, "dequeue").Info(2).Do(1, "dequeue")
            .ShouldBe("queue", Verdict.Ok);
    }

    [Theory]
    [InlineData("register")]
    [InlineData("cas-register")]
    public void Writes_that_nobody_read(string model)
    {
        var script = new HistoryScript();
        for (var item = 1; item <= 500; item++)
        {
            script.Invoke(1_000 + item, "write", -item).Info(1_000 + item);
        }
        for (var round = 0; round < 10_000; round++)
        {
            script.Invoke(1, "write", 2 * round).Invoke(2, "write", (2 * round) + 1).Ok(1).Ok(2)
                .Do(3, "read", answer: 2 * round);
        }
        script.ShouldBe(model, Verdict.Ok);
    }

    [Fact]
    public void Readers_that_give_nothing_back()
    {
        var script = new HistoryScript();
        for (var reader = 1; reader <= Many; reader++)
        {
            script.Invoke(reader, "acquire", "read").Info(reader);
        }
        script.Do(100, "acquire", "write").Do(101, "acquire", "write")
            .ShouldBe("reader-writer", Verdict.NotOk);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Additions_with_reads_that_tell_their_order(bool contradicts)
    {
        var script = new HistoryScript();
        for (var item = 1; item <= Many; item++)
        {
            script.Invoke(item, "add", item);
        }
        script.Invoke(100, "read").Invoke(101, "read");
        script.Ok(100, Value.ListOf(Many)).Ok(101, contradicts ? Value.ListOf(1) : Value.ListOf(Many, 1));
        for (var item = 1; item <= Many; item++)
        {
            script.Ok(item);
        }
        script.ShouldBe("set", contradicts ? Verdict.NotOk : Verdict.Ok);
    }

    /// <summary>A refusal where there is none, and a result or a token in the value's place.</summary>
    [Theory]
    [InlineData("register", "write")]
    [InlineData("kv", "put")]
    [InlineData("set", "add")]
    [InlineData("queue", "enqueue")]
    public void What_is_never_refused_is_not_read_as_refused(string model, string function) =>
        Should.Throw<HistoryFormatException>(
            () => new HistoryScript().Do(1, function, "v", result: false).Check(model))
            .Message.ShouldContain($"{function} has no result false");

    [Theory]
    [InlineData("mutex")]
    [InlineData("owner-mutex")]
    [InlineData("fenced-mutex")]
    [InlineData("reader-writer")]
    [InlineData("semaphore:2")]
    public void A_result_is_not_a_value(string model) =>
        Should.Throw<HistoryFormatException>(
            () => new HistoryScript().Do(1, "acquire", answer: false).Check(model))
            .Message.ShouldContain("that is its result");

    [Fact]
    public void A_result_of_cas_and_a_token_are_not_values()
    {
        Should.Throw<HistoryFormatException>(() => new HistoryScript()
            .Do(1, "cas", Value.ListOf(1, 2), answer: false).Check("cas-register"));
        Should.Throw<HistoryFormatException>(() => new HistoryScript()
            .Do(1, "acquire", answer: 7).Check("fenced-mutex"));
    }
}

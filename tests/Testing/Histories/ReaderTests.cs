namespace Muster.Testing.Tests;

public sealed class ReaderTests
{
    private const string Read1 = """{"process":1,"type":"invoke","f":"read"}""" + "\n";
    private const string Elect1 = """{"process":1,"type":"invoke","f":"elect"}""" + "\n";
    private const string Propose1 = """{"process":1,"type":"invoke","f":"propose","value":"a"}""" + "\n";
    private const string Info1 = """{"process":1,"type":"info"}""" + "\n";

    [Fact]
    public void Events_become_operations()
    {
        var history = Read("""
            {"process":1,"type":"invoke","f":"cas","key":"k","value":[1,2],"time":1000}

            {"process":2,"type":"invoke","f":"read","key":"k"}
            {"process":1,"type":"ok","f":"cas","key":"k","value":[1,2],"result":false,"time":2500}
            {"process":2,"type":"info","error":"timeout"}
            {"process":2,"type":"invoke","f":"acquire"}
            {"process":2,"type":"ok","f":"acquire","token":7}
            """);
        history.Operations.ShouldBe(
        [
            new Operation
            {
                Process = 1, Function = "cas", Key = "k", Argument = Value.ListOf(1, 2), Outcome = Outcome.Ok,
                Answer = Value.ListOf(1, 2), Result = false, InvokedAt = 1, CompletedAt = 4,
                InvokedTime = 1000, CompletedTime = 2500,
            },
            new Operation { Process = 2, Function = "read", Key = "k", InvokedAt = 3 },
            new Operation
            {
                Process = 2, Function = "acquire", Outcome = Outcome.Ok, Token = 7, InvokedAt = 6,
                CompletedAt = 7,
            },
        ]);
    }

    [Theory]
    [InlineData("""{"process":1,"type":"invoke","f":"read" """, 1)]
    [InlineData("[1]", 1)]
    [InlineData("""{"type":"invoke","f":"read"}""", 1)]
    [InlineData("""{"process":1,"f":"read"}""", 1)]
    [InlineData("""{"process":1,"type":"begin","f":"read"}""", 1)]
    [InlineData("""{"process":1,"type":"invoke"}""", 1)]
    [InlineData("""{"process":1.5,"type":"invoke","f":"read"}""", 1)]
    [InlineData("""{"process":"one","type":"invoke","f":"read"}""", 1)]
    [InlineData("""{"process":1,"type":"invoke","f":"write","value":{}}""", 1)]
    [InlineData("""{"process":1,"type":"invoke","f":"read","key":[1]}""", 1)]
    [InlineData("""{"process":1,"type":"ok","f":"read"}""", 1)]
    [InlineData(Read1 + """{"process":1,"type":"invoke","f":"read"}""", 2)]
    [InlineData(Read1 + """{"process":1,"type":"ok","f":"write"}""", 2)]
    [InlineData(Read1 + """{"process":1,"type":"ok","result":1}""", 2)]
    [InlineData(Read1 + Info1 + """{"process":1,"type":"fail"}""", 3)]
    public void What_cannot_be_read_is_named_by_its_line(string text, long line)
    {
        var refused = Should.Throw<HistoryFormatException>(() => Read(text));
        refused.Line.ShouldBe(line);
        refused.Message.ShouldStartWith($"line {line}: ");
    }

    [Theory]
    [InlineData("register", """{"process":1,"type":"invoke","f":"cas","value":[1,2]}""", 1)]
    [InlineData("cas-register", """{"process":1,"type":"invoke","f":"cas","value":1}""", 1)]
    [InlineData("queue", """{"process":1,"type":"invoke","f":"enqueue"}""", 1)]
    [InlineData("kv", """{"process":1,"type":"invoke","f":"put","value":[1]}""", 1)]
    [InlineData("semaphore:2", """{"process":1,"type":"invoke","f":"acquire","value":0}""", 1)]
    [InlineData("reader-writer", """{"process":1,"type":"invoke","f":"acquire","value":"both"}""", 1)]
    [InlineData("set", Read1 + """{"process":1,"type":"ok","value":3}""", 2)]
    [InlineData("set", Read1 + """{"process":1,"type":"ok"}""", 2)]
    [InlineData("write-once", Propose1 + """{"process":1,"type":"ok"}""", 2)]
    [InlineData("election", Elect1 + """{"process":1,"type":"ok","value":"b"}""", 2)]
    public void What_the_model_does_not_know_is_named_by_its_line(string model, string text, long line) =>
        Should.Throw<HistoryFormatException>(() => Read(text).Validate(Models.Find(model)!))
            .Line.ShouldBe(line);

    [Fact]
    public void What_is_written_is_read_again()
    {
        var script = new HistoryScript()
            .Invoke(1, "cas", Value.ListOf(Value.Null, "a\"\n\\"), key: "k€").Invoke(2, "write", 1.5)
            .Ok(1, result: false).Fail(2).Do(2, "acquire", token: long.MaxValue).Invoke(2, "read").Info(2)
            .Do(3, "read", answer: true);
        using var text = new StringWriter();
        HistoryWriter.Write(text, script.Events);
        Read(text.ToString()).Operations.ShouldBe(script.History().Operations);
    }

    private static History Read(string text)
    {
        using var reader = new StringReader(text);
        return HistoryReader.Read(reader);
    }
}

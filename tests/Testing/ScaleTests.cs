using System.Diagnostics;

namespace Muster.Testing.Tests;

/// <summary>
/// The sizes that are promised. The bounds of the time are wide, for machines under load; what is measured is
/// far below.
/// </summary>
public sealed class ScaleTests(ITestOutputHelper output)
{
    private const int Clients = 10;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(30);

    [Fact]
    public void Ten_thousand_operations_of_ten_clients_on_one_key()
    {
        var script = new HistoryScript();
        Simulate(script, new Random(1), "k", firstProcess: 1, operations: 10_000);
        Measure(script).Verdict.ShouldBe(Verdict.Ok);
        // What nobody wrote is seen at a glance; that one update was lost needs the search.
        script.Do(1, "write", 100, key: "k")
            .Do(1, "cas", Value.ListOf(100, 101), key: "k").Do(2, "cas", Value.ListOf(100, 102), key: "k");
        Measure(script).Verdict.ShouldBe(Verdict.NotOk);
    }

    [Fact]
    public void A_thousand_keys()
    {
        var script = new HistoryScript();
        for (var key = 0; key < 1_000; key++)
        {
            Simulate(script, new Random(key), $"{key}", firstProcess: key * Clients, operations: 100);
        }
        var result = Measure(script);
        result.Verdict.ShouldBe(Verdict.Ok);
        result.Keys.ShouldBe(1_000);
    }

    /// <summary>
    /// As many stretches in which the queue was filled as polls, and the time-out does not end that look.
    /// </summary>
    [Fact]
    public void Two_hundred_thousand_polls_of_an_empty_queue()
    {
        var script = new HistoryScript();
        for (var round = 0; round < 200_000; round++)
        {
            script.Do(1, "enqueue", round).Do(1, "dequeue", answer: round).Do(1, "dequeue");
        }
        var watch = Stopwatch.StartNew();
        Measure(script, "queue").Verdict.ShouldBe(Verdict.Ok);
        watch.Elapsed.ShouldBeLessThan(Enough);
    }

    private CheckResult Measure(HistoryScript script, string model = "cas-register")
    {
        var history = script.History();
        var watch = Stopwatch.StartNew();
        var result = LinearizabilityChecker.Check(
            history, Models.Find(model)!, new CheckOptions { Timeout = Enough },
            TestContext.Current.CancellationToken);
        output.WriteLine($"{history.Operations.Count} operations: {result.Verdict} in {watch.Elapsed}");
        return result;
    }

    /// <summary>A register that works, and clients that are at it all the time.</summary>
    private static void Simulate(
        HistoryScript script, Random random, string key, long firstProcess, int operations)
    {
        Value register = default;
        var open = new (string Function, Value Argument, Value Answer, bool? Result, bool IsDone)?[Clients];
        for (var ended = 0; ended < operations;)
        {
            var client = random.Next(Clients);
            if (open[client] is not { } operation)
            {
                var function = random.Next(3) switch { 0 => "read", 1 => "write", _ => "cas" };
                Value argument = function switch
                {
                    "read" => default,
                    "write" => random.Next(5),
                    _ => Value.ListOf(random.Next(5), random.Next(5)),
                };
                open[client] = (function, argument, default, null, false);
                script.Invoke(firstProcess + client, function, argument, key);
            }
            else if (!operation.IsDone)
            {
                var matches = operation.Function == "cas" && register == operation.Argument.Items[0];
                open[client] = operation with
                {
                    IsDone = true,
                    Answer = operation.Function == "read" ? register : default,
                    Result = operation.Function == "cas" ? matches : null,
                };
                register = operation.Function == "write" ? operation.Argument
                    : matches ? operation.Argument.Items[1]
                    : register;
            }
            else
            {
                script.Ok(firstProcess + client, operation.Answer, operation.Result);
                open[client] = null;
                ended++;
            }
        }
        for (var client = 0; client < Clients; client++)
        {
            if (open[client] is not null)
            {
                script.Info(firstProcess + client);
            }
        }
    }
}

using Muster.Broker;
using Muster.Testing;
using Shouldly;
using Xunit;

namespace Muster.Cluster.Load;

/// <summary>
/// Judges a recorded history by the checker. One that is not linearizable stays in the test's scratch folder,
/// where <c>tests/Checker</c> draws it.
/// </summary>
public static class HistoryCheck
{
    public static void IsLinearizable(string what, IReadOnlyList<HistoryEvent> events, Model model)
    {
        var history = History.Of(events);
        var result = LinearizabilityChecker.Check(
            history, model, cancellationToken: TestContext.Current.CancellationToken);
        var summary = $"{what}: {history.Operations.Count} operations on {result.Keys} keys, {model.Name}, "
            + $"{history.Operations.Count(operation => operation.Outcome == Outcome.Unknown)} unknown: "
            + $"{result.Verdict}";
        TestContext.Current.TestOutputHelper?.WriteLine(summary);
        if (result.Verdict == Testing.Verdict.Ok)
        {
            return;
        }
        var file = Path.Combine(Scratch.NewFolder("history"), what + ".jsonl");
        using (var writer = new StreamWriter(file))
        {
            HistoryWriter.Write(writer, events);
        }
        using var text = new StringWriter();
        if (result.Failure is { } failure)
        {
            FailingPartText.Write(text, failure);
        }
        throw new ShouldAssertException(
            $"{summary} {result.Reason}\n{text}drawn by: dotnet run -c Release --project tests/Checker -- "
            + $"check --model {model.Name} --html {Path.GetDirectoryName(file)} {file}");
    }
}

using System.Globalization;
using Muster.Broker;
using Muster.Cluster.Load;
using Muster.Host.Demo;
using Muster.Testing;
using Shouldly;

namespace Muster.Cluster.Histories;

/// <summary>Judges what was recorded, all of it by several ways.</summary>
public static class EpisodeVerdict
{
    internal static EpisodeReport Of(
        EpisodeRecording recording, Ledger ledger, IReadOnlyList<Fault> faults, string folder,
        CancellationToken cancellationToken)
    {
        var checks = recording.Histories.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => Check(one.Key, one.Value, folder, cancellationToken)).ToList();
        List<string> violations =
        [
            .. checks.Where(check => check.Verdict == Testing.Verdict.NotOk).Select(check => check.Text),
            // Of all locks together: they are of one group.
            .. Judge(() => TokenOrder.Judge(
            [
                .. recording.Grants.Select(
                    one => new SeenGrant(one.Lock, one.Token, one.Asked, one.From)),
            ])),
            .. Judge(() => Load.Verdict.NoTwoHolders(recording.Holds)),
            .. Judge(() => LedgerHolds(recording.Writes, ledger.Results())),
        ];
        return new EpisodeReport
        {
            Faults = faults,
            Checks = checks,
            Grants = recording.Grants.Count,
            LostWhileHeld = recording.Grants.Count(grant => grant.From == grant.Until),
            Writes = recording.Writes.Count,
            StaleWritesRefused = ledger.Refusals().Count,
            Violations = violations,
        };
    }

    /// <summary>
    /// Every acknowledged write is there, once, and later ones of a lock carry greater tokens. More may be
    /// there: who was killed told nobody of his last.
    /// </summary>
    public static void LedgerHolds(
        IReadOnlyList<AcknowledgedWrite> acknowledged, IReadOnlyList<LedgerResult> results)
    {
        var there = results.CountBy(result => (result.Item, result.Token)).ToDictionary();
        foreach (var write in acknowledged)
        {
            there.GetValueOrDefault((write.Lock, write.Token.Value)).ShouldBe(
                1, $"how often the ledger has the acknowledged {write}");
        }
        foreach (var lockResults in results.GroupBy(result => result.Item))
        {
            var tokens = lockResults.Select(result => result.Token).ToList();
            tokens.ShouldBe(
                tokens.Distinct().Order().ToList(), $"the writes of {lockResults.Key}, in their order");
        }
    }

    private static ModelCheck Check(
        string name, IReadOnlyList<HistoryEvent> events, string folder, CancellationToken cancellationToken)
    {
        var model = Models.Find(name) ?? throw new ArgumentException($"'{name}' is no model.", nameof(name));
        var history = History.Of(events);
        var result = LinearizabilityChecker.Check(
            history, model, cancellationToken: cancellationToken);
        var unknown = history.Operations.Count(operation => operation.Outcome == Outcome.Unknown);
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{name} {result.Verdict} ({history.Operations.Count:N0} operations on {result.Keys} keys, ")
            + string.Create(CultureInfo.InvariantCulture, $"{unknown:N0} of unknown outcome)");
        if (result.Verdict != Testing.Verdict.Ok)
        {
            summary += $" {result.Reason}\n{Keep(name, events, result, folder)}";
        }
        return new(result.Verdict, history.Operations.Count, unknown, summary);
    }

    /// <summary>The history stays as the lines that the checker's command draws.</summary>
    private static string Keep(
        string name, IReadOnlyList<HistoryEvent> events, CheckResult result, string folder)
    {
        var file = Path.Combine(folder, name.Replace(':', '-') + ".jsonl");
        using (var writer = new StreamWriter(file))
        {
            HistoryWriter.Write(writer, events);
        }
        using var text = new StringWriter();
        if (result.Failure is { } failure)
        {
            FailingPartText.Write(text, failure);
        }
        return $"{text}drawn by: dotnet run -c Release --project tests/Checker -- check --model {name} "
            + $"--html {folder} {file}";
    }

    private static IEnumerable<string> Judge(Action judge)
    {
        try
        {
            judge();
            return [];
        }
        catch (ShouldAssertException refuted)
        {
            return [refuted.Message];
        }
    }
}

namespace Muster.Host.Demo;

/// <summary>What the demo saw on its way, beside the ledger.</summary>
/// <param name="IsOnBus">Real processes over RabbitMQ: an election must have happened too.</param>
/// <param name="Elections">Elections after the cluster had its first leader.</param>
/// <param name="HandOversByExpiry">Locks that passed from an expired session to another worker.</param>
public sealed record DemoObservations(bool IsOnBus, int Elections, int HandOversByExpiry);

/// <summary>The demo's verdict: the ledger against a plain single-process count of the same files.</summary>
public sealed class Audit
{
    private Audit(IReadOnlyList<AuditLine> lines) => Lines = lines;

    public IReadOnlyList<AuditLine> Lines { get; }

    public bool Passed => Lines.All(line => line.IsOk);

    public static Audit Of(WorkFolder folder, Ledger ledger, DemoObservations seen)
    {
        var results = ledger.Results();
        var refusals = ledger.Refusals();
        var counts = results.GroupBy(result => result.Item)
            .ToDictionary(group => group.Key, group => group.Count());
        var lost = folder.Items.Count(item => !counts.ContainsKey(item));
        var twice = counts.Values.Count(count => count > 1);
        var wrong = results.Count(result => result.Words != folder.CountWords(result.Item));
        var unguarded = refusals.Count(refusal => refusal.WasDone);
        return new Audit(
        [
            new("items done", $"{counts.Count} of {folder.Items.Count}", counts.Count == folder.Items.Count),
            new("lost", $"{lost}", lost == 0),
            new("done twice", $"{twice}", twice == 0),
            new("stale writes refused", $"{refusals.Count}", refusals.Count > 0),
            new("  of them a second result without the guard", $"{unguarded}", true),
            new("hand-overs by expiry", $"{seen.HandOversByExpiry}", seen.HandOversByExpiry > 0),
            new("elections under load", seen.IsOnBus ? $"{seen.Elections}" : "none caused (one process)",
                !seen.IsOnBus || seen.Elections > 0),
            new("equal to a plain count",
                wrong == 0 ? $"{results.Sum(result => result.Words)} words" : $"{wrong} differ", wrong == 0),
        ]);
    }
}

/// <summary>One line of the verdict.</summary>
public sealed record AuditLine(string Name, string Value, bool IsOk);

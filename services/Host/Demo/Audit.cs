namespace Muster.Host.Demo;

/// <summary>What the demo saw on its way, beside the ledger.</summary>
public sealed record DemoObservations
{
    /// <summary>
    /// The demo had consensus nodes of its own to kill: an election must have happened too.
    /// </summary>
    public bool HasNodes { get; init; }

    /// <summary>Elections after the cluster had its first leader.</summary>
    public int Elections { get; init; }

    /// <summary>Locks that passed from an expired session to another worker.</summary>
    public int HandOversByExpiry { get; init; }

    public TeamObservations Team { get; init; } = new();

    /// <summary>The workers that the detectors held for failed.</summary>
    public IReadOnlyList<string> Failed { get; init; } = [];

    /// <summary>The workers that a recovery promoted.</summary>
    public IReadOnlyList<string> Promoted { get; init; } = [];
}

/// <summary>
/// The demo's verdict: the ledger against a plain single-process count of the same files, and what the team
/// saw against the faults that were caused.
/// </summary>
public sealed class Audit
{
    private Audit(IReadOnlyList<AuditLine> lines) => Lines = lines;

    public IReadOnlyList<AuditLine> Lines { get; }

    public bool Passed => Lines.All(line => line.IsOk);

    public static Audit Of(WorkFolder folder, Ledger ledger, DemoObservations seen) =>
        new([.. OfLedger(folder, ledger), .. OfFaults(seen), .. OfTeam(seen)]);

    private static IEnumerable<AuditLine> OfLedger(WorkFolder folder, Ledger ledger)
    {
        var results = ledger.Results();
        var refusals = ledger.Refusals();
        var counts = results.GroupBy(result => result.Item)
            .ToDictionary(group => group.Key, group => group.Count());
        var lost = folder.Items.Count(item => !counts.ContainsKey(item));
        var twice = counts.Values.Count(count => count > 1);
        var wrong = results.Count(result => result.Words != folder.CountWords(result.Item));
        var unguarded = refusals.Count(refusal => refusal.WasDone);
        return
        [
            new("items done", $"{counts.Count} of {folder.Items.Count}", counts.Count == folder.Items.Count),
            new("lost", $"{lost}", lost == 0),
            new("done twice", $"{twice}", twice == 0),
            new("equal to a plain count",
                wrong == 0 ? $"{results.Sum(result => result.Words)} words" : $"{wrong} differ", wrong == 0),
            new("stale writes refused", $"{refusals.Count}", refusals.Count > 0),
            new("  of them a second result without the guard", $"{unguarded}", true),
        ];
    }

    private static IEnumerable<AuditLine> OfFaults(DemoObservations seen) =>
    [
        new("hand-overs by expiry", $"{seen.HandOversByExpiry}", seen.HandOversByExpiry > 0),
        new("elections under load", seen.HasNodes ? $"{seen.Elections}" : "none caused",
            !seen.HasNodes || seen.Elections > 0),
    ];

    private static IEnumerable<AuditLine> OfTeam(DemoObservations seen)
    {
        var team = seen.Team;
        // A paused worker may be held for failed, if its pause was long; one that nothing happened to may
        // not.
        var innocent = seen.Failed.Count(worker => worker != team.Killed && worker != team.Paused);
        var survivors = team.Workers.Count(worker => worker != team.Killed);
        var paced = team.Paced.Count(worker => worker != team.Killed);
        var successors = team.Leaders.Skip(1).ToList();
        var isInOrder = team.Leaders.Zip(successors).All(pair => pair.First.Token < pair.Second.Token);
        return
        [
            new("workers found each other", $"{team.Met} of {team.Workers.Count}",
                team.Met == team.Workers.Count),
            new("killed leader held for failed", team.Killed, seen.Failed.Contains(team.Killed)),
            new("others held for failed", $"{innocent}", innocent == 0),
            new("standby promoted", string.Join(", ", seen.Promoted),
                seen.Promoted.Count > 0 && !seen.Promoted.Contains(team.Killed)),
            new("leaders, each with a greater token",
                string.Join(", ", team.Leaders.Select(leader => leader.Worker)),
                successors.Count > 0 && isInOrder),
            new("changed rate reached", $"{paced} of {survivors} survivors", paced == survivors),
        ];
    }
}

/// <summary>One line of the verdict.</summary>
public sealed record AuditLine(string Name, string Value, bool IsOk);

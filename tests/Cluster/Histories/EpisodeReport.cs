using System.Globalization;

namespace Muster.Cluster.Histories;

/// <summary>What one model says of one episode.</summary>
/// <param name="Verdict">Unknown: the checker's time or memory ended first.</param>
/// <param name="Operations">How many there were.</param>
/// <param name="Unknown">Those of unknown outcome among them.</param>
/// <param name="Text">All of it for people.</param>
public sealed record ModelCheck(Testing.Verdict Verdict, int Operations, int Unknown, string Text);

/// <summary>What was done in one episode, and what it was found to be.</summary>
public sealed record EpisodeReport
{
    /// <summary>What was done to whom, in its order.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    public required IReadOnlyList<ModelCheck> Checks { get; init; }

    /// <summary>Whose use had an end that somebody saw.</summary>
    public required int Grants { get; init; }

    public required int LostWhileHeld { get; init; }

    /// <summary>Acknowledged by the ledger.</summary>
    public required int Writes { get; init; }

    /// <summary>Refused by it, since a newer token had been shown.</summary>
    public required int StaleWritesRefused { get; init; }

    /// <summary>What should not have been; empty: nothing.</summary>
    public required IReadOnlyList<string> Violations { get; init; }

    public int Operations => Checks.Sum(check => check.Operations);

    public int Unknown => Checks.Sum(check => check.Unknown);

    public bool IsDecided => Checks.All(check => check.Verdict != Testing.Verdict.Unknown);

    public override string ToString() => string.Join('\n',
    [
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Operations:N0} operations, {Unknown:N0} of unknown outcome; {Grants:N0} grants, ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{LostWhileHeld:N0} lost while held; {Writes:N0} guarded writes, ")
            + string.Create(CultureInfo.InvariantCulture, $"{StaleWritesRefused:N0} stale ones refused"),
        $"  faults: {string.Join(", ", Faults)}",
        .. Checks.Select(check => "  " + check.Text),
        .. Violations.Select(violation => "  VIOLATED: " + violation),
    ]);
}

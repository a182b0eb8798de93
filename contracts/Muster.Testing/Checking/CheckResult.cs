namespace Muster.Testing;

/// <summary>What a check found.</summary>
public enum Verdict
{
    /// <summary>A bound was reached first.</summary>
    Unknown,

    /// <summary>There is an order of the operations that explains everything that was seen.</summary>
    Ok,

    /// <summary>There is no such order.</summary>
    NotOk,
}

/// <summary>The answer of a check.</summary>
public sealed record CheckResult
{
    /// <summary>What was found.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>
    /// Of <see cref="Verdict.NotOk"/>: the smallest failing part of the key that was refuted.
    /// </summary>
    public FailingPart? Failure { get; init; }

    /// <summary>Of <see cref="Verdict.Unknown"/>: which bound was reached, and for which keys.</summary>
    public string? Reason { get; init; }

    /// <summary>How many keys were looked at.</summary>
    public int Keys { get; init; }
}

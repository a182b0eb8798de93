using Muster.Replication.Core;

namespace Muster.Detector.Machine;

/// <summary>The body of one entry of a detector group's log: commands, applied in their order.</summary>
public sealed record DetectorEntry
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public IReadOnlyList<DetectorEntryCommand> Commands { get; init; } = [];
}

/// <summary>One command of an entry: exactly one of the properties is set.</summary>
public sealed record DetectorEntryCommand
{
    public Genesis? Genesis { get; init; }

    public Vote? Vote { get; init; }

    public OutboxClaim? OutboxClaim { get; init; }

    public OutboxPublished? OutboxPublished { get; init; }

    public StateRestoration? StateRestoration { get; init; }

    internal bool HasOneKind =>
        Count(Genesis) + Count(Vote) + Count(OutboxClaim) + Count(OutboxPublished)
        + Count(StateRestoration) == 1;

    private static int Count(object? kind) => kind is null ? 0 : 1;
}

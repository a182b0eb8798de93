using Muster.Contracts.Decisions;
using Muster.Replication.Core;

namespace Muster.Decisions.Machine;

/// <summary>The body of one entry of a decisions group's log: commands, applied in their order.</summary>
public sealed record DecisionEntry
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public IReadOnlyList<DecisionEntryCommand> Commands { get; init; } = [];
}

/// <summary>One command of an entry: exactly one of the properties is set.</summary>
public sealed record DecisionEntryCommand
{
    public ProposeValue? ProposeValue { get; init; }

    public Genesis? Genesis { get; init; }

    public OutboxClaim? OutboxClaim { get; init; }

    public OutboxPublished? OutboxPublished { get; init; }

    public StateRestoration? StateRestoration { get; init; }

    internal bool HasOneKind =>
        Count(ProposeValue) + Count(Genesis) + Count(OutboxClaim) + Count(OutboxPublished)
        + Count(StateRestoration) == 1;

    private static int Count(object? kind) => kind is null ? 0 : 1;
}

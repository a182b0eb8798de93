using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>The body of one entry of a registry group's log: commands, applied in their order.</summary>
public sealed record RegistryEntry
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public IReadOnlyList<RegistryEntryCommand> Commands { get; init; } = [];
}

/// <summary>One command of an entry: exactly one of the properties is set.</summary>
public sealed record RegistryEntryCommand
{
    public RegisterInstance? RegisterInstance { get; init; }

    public DeregisterInstance? DeregisterInstance { get; init; }

    public DrainInstance? DrainInstance { get; init; }

    public PutConfig? PutConfig { get; init; }

    public DeleteConfig? DeleteConfig { get; init; }

    /// <summary>Renews its leases.</summary>
    public Heartbeat? Heartbeat { get; init; }

    public Genesis? Genesis { get; init; }

    public OutboxClaim? OutboxClaim { get; init; }

    public OutboxPublished? OutboxPublished { get; init; }

    public StateRestoration? StateRestoration { get; init; }

    internal bool HasOneKind =>
        Count(RegisterInstance) + Count(DeregisterInstance) + Count(DrainInstance) + Count(PutConfig)
        + Count(DeleteConfig) + Count(Heartbeat) + Count(Genesis) + Count(OutboxClaim)
        + Count(OutboxPublished) + Count(StateRestoration) == 1;

    private static int Count(object? kind) => kind is null ? 0 : 1;
}

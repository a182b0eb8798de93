using Muster.Contracts;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>Everything the machine remembers; a snapshot is exactly this.</summary>
internal sealed class RegistryState
{
    /// <summary>Epochs and versions stay exact in Lua and JavaScript.</summary>
    public const long LargestNumber = (1L << 53) - 1;

    public required MachineClock Clock { get; init; }

    /// <summary>Null until the group is founded.</summary>
    public Genesis? Genesis { get; set; }

    /// <summary>Raised by every restoration; (epoch, index) orders everything the group says.</summary>
    public long Epoch { get; set; } = 1;

    public LogIndex LastIndex { get; set; }

    /// <summary>The newest version of any configuration key, deleted ones included.</summary>
    public long Revision { get; set; }

    public ServiceTable Services { get; } = new();

    public ConfigTable Config { get; } = new();

    /// <summary>Results of commands.</summary>
    public required CommandIdWindow<StoredAnswer> Answers { get; set; }

    /// <summary>The newest restorations of the group, which no later one forgets.</summary>
    public RestorationWindow Restorations { get; init; } = new();

    public EventStream Events { get; init; } = new();

    public RegistryLimits Limits => Genesis?.Limits ?? RegistryLimits.Default;

    /// <summary>
    /// How fresh an answer from this state is; it was read linearizably unless the reader says otherwise.
    /// </summary>
    public Freshness Freshness =>
        new() { ClusterId = Genesis?.ClusterId ?? "", Epoch = Epoch, Index = LastIndex };

    public long NextVersion() => Revision < LargestNumber
        ? ++Revision
        : throw new InvalidOperationException("The group has used up its versions.");
}

using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>What differs in the later build.</summary>
public sealed partial class RegistryMachine
{
    public MachineVersions Versions => new(1, 2);
}

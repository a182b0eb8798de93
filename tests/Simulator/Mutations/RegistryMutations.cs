using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>Changes the commands of the registry's entries on their way to the machine.</summary>
internal abstract class RegistryEntryMutation : Mutation
{
    protected virtual bool IssuesNow => false;

    public override IReadOnlyList<RegistryEffect> OnRegistryEntry(
        RegistryMachine machine, AppliedEntry entry)
    {
        if (entry.Body.IsEmpty)
        {
            return machine.Apply(entry);
        }
        var commands = RegistryEntryCodec.Read(entry.Body.Span).Commands.Select(Edit);
        return machine.Apply(entry with
        {
            Body = RegistryEntryCodec.Write(new RegistryEntry { Commands = [.. commands] }),
            IssuedAt = IssuesNow ? machine.Time : entry.IssuedAt,
        });
    }

    protected abstract RegistryEntryCommand Edit(RegistryEntryCommand command);
}

internal sealed class VersionNotCompared : RegistryEntryMutation
{
    public override string Name => "version-not-compared";

    public override string Breaks => "A compare-and-set of the configuration writes whatever is there.";

    public override IReadOnlyList<string> FoundBy => ["linearizability"];

    protected override RegistryEntryCommand Edit(RegistryEntryCommand command) =>
        command.PutConfig is { } put
            ? command with { PutConfig = put with { ExpectedVersion = null } }
            : command;
}

internal sealed class RegistryIdsForgotten : RegistryEntryMutation
{
    public override string Name => "registry-ids-forgotten";

    public override string Breaks => "The registry remembers ids for 300 ms, and no proposal is too old.";

    public override IReadOnlyList<string> FoundBy => ["exactly once", "linearizability"];

    protected override bool IssuesNow => true;

    protected override RegistryEntryCommand Edit(RegistryEntryCommand command) =>
        command.Genesis is { } genesis
            ? command with { Genesis = genesis with { CommandWindowMilliseconds = 300 } }
            : command;
}

internal sealed class LeaseCountedShort : RegistryEntryMutation
{
    public override string Name => "lease-counted-short";

    public override string Breaks => "The registry counts a fifth less than an instance's TTL.";

    public override IReadOnlyList<string> FoundBy => ["leases"];

    protected override RegistryEntryCommand Edit(RegistryEntryCommand command) =>
        command.RegisterInstance is { } register
            ? command with { RegisterInstance = Shortened(register) }
            : command;

    private static RegisterInstance Shortened(RegisterInstance register) =>
        register with { TtlMilliseconds = register.TtlMilliseconds * 4 / 5 };
}

internal sealed class ConfigReadAtOnce : Mutation
{
    public override string Name => "config-read-at-once";

    public override string Breaks => "A registry's replica answers reads from what it has, current or not.";

    public override IReadOnlyList<string> FoundBy => ["linearizability"];

    public override bool ReadsAtOnce => true;
}

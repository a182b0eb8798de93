using Muster.Contracts.Registry;
using Muster.Replication.Core;

namespace Muster.Registry.Machine;

/// <summary>
/// What a command was answered, for its duplicates, without the instance or the key's value that the answer
/// showed: 200,000 answers of 256 KiB would be 50 GB. A duplicate is shown them as they are then.
/// </summary>
internal sealed record StoredAnswer(string CommandId, CommandSubject Subject, RegistryReply Reply)
{
    /// <summary>The answer showed the instance.</summary>
    public bool ShowsInstance { get; init; }

    /// <summary>The refusal showed the key as it was.</summary>
    public bool ShowsKey { get; init; }

    public static StoredAnswer Of(CommandHead head, RegistryReply reply) => reply switch
    {
        { InstanceAccepted: { Instance: not null } accepted } =>
            new(head.CommandId, head.Subject, new() { InstanceAccepted = accepted with { Instance = null } })
            {
                ShowsInstance = true,
            },
        { RegistryRefused: { Reason: RegistryRefusal.VersionMismatch } refused } =>
            new(head.CommandId, head.Subject, new() { RegistryRefused = refused with { Current = null } })
            {
                ShowsKey = true,
            },
        _ => new(head.CommandId, head.Subject, reply),
    };

    public RegistryReply ShownFrom(RegistryState state) => this switch
    {
        { ShowsInstance: true, Reply.InstanceAccepted: { } accepted } => new()
        {
            InstanceAccepted = accepted with
            {
                Instance = state.Services.Find(accepted.Service, accepted.InstanceId)?.View,
            },
        },
        { ShowsKey: true, Reply.RegistryRefused: { } refused } =>
            new() { RegistryRefused = refused with { Current = state.Config.Find(Subject.Target) } },
        _ => Reply,
    };
}

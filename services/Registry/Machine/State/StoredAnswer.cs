using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>
/// What a command was answered, for its duplicates, without the instance or the key's value that the answer
/// showed: 200,000 answers of 256 KiB would be 50 GB. A duplicate is shown them as they are then.
/// </summary>
internal sealed record StoredAnswer(string CommandId, RegistryReply Reply)
{
    /// <summary>The answer showed the instance.</summary>
    public bool ShowsInstance { get; init; }

    /// <summary>The refusal showed this key as it was.</summary>
    public string? ShowsKey { get; init; }

    public static StoredAnswer Of(string commandId, RegistryReply reply, string key) => reply switch
    {
        { InstanceAccepted: { Instance: not null } accepted } =>
            new(commandId, new() { InstanceAccepted = accepted with { Instance = null } })
            {
                ShowsInstance = true,
            },
        { RegistryRefused: { Reason: RegistryRefusal.VersionMismatch } refused } =>
            new(commandId, new() { RegistryRefused = refused with { Current = null } })
            {
                ShowsKey = key,
            },
        _ => new(commandId, reply),
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
        { ShowsKey: { } key, Reply.RegistryRefused: { } refused } =>
            new() { RegistryRefused = refused with { Current = state.Config.Find(key) } },
        _ => Reply,
    };
}

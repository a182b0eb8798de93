using Microsoft.Extensions.Options;
using Muster.Bus;
using Muster.Views;

namespace Muster.Client;

/// <summary>
/// Every rule about <see cref="MusterOptions"/>, each message with the value that breaks it.
/// </summary>
internal sealed class MusterOptionsValidator(bool isBusRequired) : IValidateOptions<MusterOptions>
{
    private static readonly TimeSpan MinTtl = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTtl = TimeSpan.FromHours(24);
    private static readonly TimeSpan MaxLockDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MinHeartbeat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxHeartbeat = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MinCallTimeout = TimeSpan.FromMilliseconds(100);

    // The service remembers the ids of commands without a sequence number for 10 minutes; re-sending must end
    // well before.
    private static readonly TimeSpan MaxCallTimeout = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, MusterOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(MusterOptions options)
    {
        if (isBusRequired && options.Bus is not { IsAbsoluteUri: true, Scheme: "amqp" or "amqps" })
        {
            // Only the scheme: the address may hold a password.
            var found = options.Bus is { IsAbsoluteUri: true } bus ? bus.Scheme : "nothing";
            yield return $"Bus must be an amqp:// or amqps:// address; it is {found}.";
        }
        if (!BusNames.IsCluster(options.Cluster))
        {
            yield return $"Cluster must be {BusNames.ClusterRule}; it is '{options.Cluster}'.";
        }
        if (options.Owner is not { Length: <= 256 })
        {
            yield return $"Owner must have at most 256 characters; it has {options.Owner?.Length ?? 0}.";
        }
        if (options.Owner is not null && !GivenText.IsWhole(options.Owner))
        {
            yield return "Owner must be text; it has half of a surrogate pair.";
        }
        if (options.Node is not { Length: <= 128 }
            || !options.Node.All(NodeName.IsAllowed))
        {
            yield return "Node must be 0 to 128 ASCII letters, digits, dots, hyphens or underscores; it is "
                + $"'{options.Node}'.";
        }
        if (options.HeartbeatInterval != TimeSpan.Zero
            && (options.HeartbeatInterval < MinHeartbeat || options.HeartbeatInterval > MaxHeartbeat))
        {
            var given = options.HeartbeatInterval;
            yield return
                $"HeartbeatInterval must be zero or {MinHeartbeat} to {MaxHeartbeat}; it is {given}.";
        }
        if (options.LockDelay < TimeSpan.Zero || options.LockDelay > MaxLockDelay)
        {
            yield return $"LockDelay must be zero to {MaxLockDelay}; it is {options.LockDelay}.";
        }
        foreach (var problem in RedisOptions.Problems(new RedisOptions { Connection = options.Redis }))
        {
            yield return problem;
        }
        if (options.SessionTtl < MinTtl || options.SessionTtl > MaxTtl)
        {
            yield return $"SessionTtl must be from {MinTtl} to {MaxTtl}; it is {options.SessionTtl}.";
        }
        if (options.CallTimeout < MinCallTimeout || options.CallTimeout > MaxCallTimeout)
        {
            var given = options.CallTimeout;
            yield return $"CallTimeout must be from {MinCallTimeout} to {MaxCallTimeout}; it is {given}.";
        }
        if (options.MaxOpenCommands is < 1 or > 4_000)
        {
            yield return $"MaxOpenCommands must be from 1 to 4000; it is {options.MaxOpenCommands}.";
        }
        if (options.MaxWaitingCalls < 1)
        {
            yield return $"MaxWaitingCalls must be at least 1; it is {options.MaxWaitingCalls}.";
        }
    }
}

using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// What an acquire is for: a lock, or an election, which is a lock with a value that everybody can read. Both
/// go through the same stages; only the commands differ.
/// </summary>
/// <param name="LockName">The name under which heartbeats' answers list it.</param>
/// <param name="Value">An election's value; null for a lock.</param>
internal sealed record Claim(string LockName, string? Value)
{
    public const string ElectionPrefix = "muster:election:";

    /// <summary>For people, in messages.</summary>
    public string Title => ElectionOf(LockName) is { } election && Value is not null
        ? $"Election {election}"
        : $"Lock {LockName}";

    public static Claim Lock(string name) => new(name, null);

    public static Claim Election(string election, string value) => new(ElectionPrefix + election, value);

    public LockCommand Acquire(Acquire acquire, Call call) => Value is null
        ? new LockCommand
        {
            AcquireLock = new AcquireLock
            {
                CommandId = acquire.Id,
                SessionId = acquire.Session!.Id,
                Sequence = call.Sequence,
                AnsweredBelow = acquire.Session.Sequences.AnsweredBelow,
                Name = LockName,
                WaitMilliseconds = acquire.WaitMilliseconds,
            },
        }
        : new LockCommand
        {
            Campaign = new Campaign
            {
                CommandId = acquire.Id,
                SessionId = acquire.Session!.Id,
                Sequence = call.Sequence,
                AnsweredBelow = acquire.Session.Sequences.AnsweredBelow,
                Election = LockName[ElectionPrefix.Length..],
                Value = Value,
                WaitMilliseconds = acquire.WaitMilliseconds,
            },
        };

    /// <summary>Gives a grant back; by its name alone, for grants that nobody here knows of.</summary>
    public static LockCommand Release(
        Call call, string lockName, string acquireId, FencingToken token) =>
        ElectionOf(lockName) is { } election ? new LockCommand
        {
            Resign = new Resign
            {
                CommandId = call.Id,
                SessionId = call.Session!.Id,
                Sequence = call.Sequence,
                AnsweredBelow = call.Session.Sequences.AnsweredBelow,
                Election = election,
                CampaignId = acquireId,
                FencingToken = token,
            },
        }
        : new LockCommand
        {
            ReleaseLock = new ReleaseLock
            {
                CommandId = call.Id,
                SessionId = call.Session!.Id,
                Sequence = call.Sequence,
                AnsweredBelow = call.Session.Sequences.AnsweredBelow,
                Name = lockName,
                AcquireId = acquireId,
                FencingToken = token,
            },
        };

    private static string? ElectionOf(string lockName) =>
        lockName.StartsWith(ElectionPrefix, StringComparison.Ordinal)
            ? lockName[ElectionPrefix.Length..]
            : null;
}

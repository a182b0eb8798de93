using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// What an acquire is for: a lock; an election, which is a lock with a value that everybody can read; or the
/// upgrade of a hold. All go through the same stages; only the commands differ.
/// </summary>
internal sealed record Claim
{
    /// <summary>In ordinal order.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    public LockMode Mode { get; init; }

    public int Permits { get; init; }

    public int MaxPermits { get; init; }

    /// <summary>An election's value; null for a lock.</summary>
    public string? Value { get; init; }

    /// <summary>What acquires one lock after the other: see <see cref="LockFlow"/>.</summary>
    public string Flow { get; init; } = "";

    /// <summary>The hold that this upgrades.</summary>
    public Acquire? Upgrades { get; init; }

    /// <summary>
    /// What its names and value have on the wire. Counted here, in its caller's thread, so that nothing is
    /// left to fail under the client's gate.
    /// </summary>
    public required int Bytes { get; init; }

    /// <summary>The first of its names.</summary>
    public string LockName => Names[0];

    /// <summary>For people, in messages.</summary>
    public string Title => LockGroups.ElectionOfLock(LockName) is { } election && Value is not null
        ? $"Election {election}"
        : (Upgrades is null ? "Lock " : "Upgrade of lock ") + string.Join(", ", Names);

    public static Claim Of(LockRequest request, string flow) => new()
    {
        Names = request.Names,
        Mode = request.Mode,
        Permits = request.Permits,
        MaxPermits = request.MaxPermits,
        Flow = flow,
        Bytes = request.Names.Sum(Sizes.OnWire),
    };

    public static Claim Election(string election, string value) => new()
    {
        Names = [LockGroups.LockOfElection(election)],
        Value = value,
        Bytes = Sizes.OnWire(election) + Sizes.OnWire(value),
    };

    public static Claim Upgrade(Acquire hold) => new()
    {
        Names = hold.Claim.Names,
        Upgrades = hold,
        Bytes = Sizes.OnWire(hold.Name),
    };

    public LockCommand Acquire(Acquire acquire, Call call) => this switch
    {
        { Upgrades: { } hold } => new LockCommand { UpgradeLock = UpgradeOf(hold, acquire, call) },
        { Value: { } value } => new LockCommand { Campaign = CampaignOf(value, acquire, call) },
        _ => new LockCommand { AcquireLock = AcquireOf(acquire, call) },
    };

    /// <summary>Gives a grant back; by its name alone, for grants that nobody here knows of.</summary>
    public static LockCommand Release(
        Call call, string lockName, string acquireId, FencingToken token) =>
        LockGroups.ElectionOfLock(lockName) is { } election ? new LockCommand
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

    private AcquireLock AcquireOf(Acquire acquire, Call call) => new()
    {
        CommandId = acquire.Id,
        SessionId = acquire.Session!.Id,
        Sequence = call.Sequence,
        AnsweredBelow = acquire.Session.Sequences.AnsweredBelow,
        Name = Names.Count == 1 ? LockName : "",
        Names = Names.Count == 1 ? null : Names,
        Mode = Mode,
        Permits = Permits,
        MaxPermits = MaxPermits,
        Flow = Flow,
        WaitMilliseconds = acquire.WaitMilliseconds,
    };

    private Campaign CampaignOf(string value, Acquire acquire, Call call) => new()
    {
        CommandId = acquire.Id,
        SessionId = acquire.Session!.Id,
        Sequence = call.Sequence,
        AnsweredBelow = acquire.Session.Sequences.AnsweredBelow,
        Election = LockGroups.ElectionOfLock(LockName)!,
        Value = value,
        WaitMilliseconds = acquire.WaitMilliseconds,
    };

    private UpgradeLock UpgradeOf(Acquire hold, Acquire acquire, Call call) => new()
    {
        CommandId = acquire.Id,
        SessionId = acquire.Session!.Id,
        Sequence = call.Sequence,
        AnsweredBelow = acquire.Session.Sequences.AnsweredBelow,
        Name = LockName,
        AcquireId = hold.Id,
        FencingToken = hold.Token,
        WaitMilliseconds = acquire.WaitMilliseconds,
    };
}

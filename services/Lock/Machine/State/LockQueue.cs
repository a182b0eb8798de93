using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>One name that is in use: who holds it and who waits for it.</summary>
internal sealed class LockQueue(string name, int maxPermits, LockNamespace within)
{
    public string Name { get; } = name;

    public LockNamespace Namespace { get; } = within;

    /// <summary>The size of the semaphore; 0: a lock.</summary>
    public int MaxPermits { get; } = maxPermits;

    public int TakenPermits { get; private set; }

    /// <summary>In the order of their grants, which is that of their tokens.</summary>
    public LinkedList<Acquire> Holders { get; } = new();

    /// <summary>In ticket order. An upgrade stands before them all, and is not among them.</summary>
    public LinkedList<Acquire> Waiters { get; } = new();

    /// <summary>The one holder that may become exclusive.</summary>
    public Acquire? Upgradeable { get; private set; }

    /// <summary>Granted to nobody before this machine time; 0: no delay.</summary>
    public long DelayedUntil { get; set; }

    /// <summary>The wait of <see cref="Upgradeable"/> to hold alone.</summary>
    public Acquire? PendingUpgrade => Upgradeable?.Upgrade is { IsHeld: false } pending ? pending : null;

    public int WaiterCount => Waiters.Count + (PendingUpgrade is null ? 0 : 1);

    public bool IsInUse => Holders.Count > 0 || Waiters.Count > 0 || DelayedUntil > 0;

    public bool IsOfKind(LockClaim claim) => MaxPermits == claim.MaxPermits;

    /// <summary>The holders leave room for another such one, whoever waits.</summary>
    public bool Admits(LockClaim claim) => DelayedUntil == 0 && claim.Mode switch
    {
        LockMode.Permits => HasPermits(claim),
        LockMode.Shared => PendingUpgrade is null && !IsHeldAlone,
        LockMode.Upgradeable => Upgradeable is null && !IsHeldAlone,
        _ => Holders.Count == 0,
    };

    /// <summary>Each of these must leave before such a claim is admitted.</summary>
    public IEnumerable<Acquire> Excluding(LockClaim claim) => claim.Mode switch
    {
        LockMode.Permits => HasPermits(claim) || Holders.Count > 1 ? [] : Holders,
        LockMode.Shared => IsHeldAlone ? Holders : [],
        LockMode.Upgradeable => IsHeldAlone ? Holders : Upgradeable is { } other ? [other] : [],
        _ => Holders,
    };

    /// <summary>Nobody waits before this one.</summary>
    public bool IsNext(Acquire acquire) =>
        Waiters.First is not { } first || first.Value == acquire;

    public void Enter(Acquire holder, LinkedListNode<Acquire> place)
    {
        Holders.AddLast(place);
        TakenPermits += holder.Claim.Permits;
        if (holder.Claim.Mode == LockMode.Upgradeable)
        {
            Upgradeable = holder;
        }
    }

    public void Leave(Acquire holder, LinkedListNode<Acquire> place)
    {
        Holders.Remove(place);
        TakenPermits -= holder.Claim.Permits;
        if (holder == Upgradeable)
        {
            Upgradeable = null;
        }
    }

    private bool HasPermits(LockClaim claim) => claim.Permits <= MaxPermits - TakenPermits;

    private bool IsHeldAlone => Holders.First?.Value.Mode == LockMode.Exclusive;
}

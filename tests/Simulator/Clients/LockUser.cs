using Muster.Client;
using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>
/// A caller: acquires a lock of some kind, works under it, makes half of its upgradeable ones exclusive,
/// gives it back, sometimes gives up, sometimes only asks who holds it. Tries again as the client's own calls
/// do.
/// </summary>
internal sealed class LockUser(ClientProcess client)
{
    private const long QuickWork = 30;

    private readonly Chance _chance = client.Chance;
    private AcquirePatience? _patience;
    private LockRequest _request = LockRequest.Exclusive("lock-0");
    private Acquire? _acquire;
    private Acquire? _upgrade;
    private LockHistory.Span? _span;
    private long _askedAt;
    private Stage _stage;

    private enum Stage
    {
        Idle,
        Waiting,
        Handed,
        Working,
        Upgrading,
        Releasing,
    }

    /// <summary>
    /// What its code works under, going by the lost token alone: it looks at no clock. Null: nothing.
    /// </summary>
    public Acquire? Trusted =>
        _span is not null && _stage != Stage.Releasing && !_acquire!.Lost.IsCancellationRequested
            ? _acquire
            : null;

    public void Start() => Think();

    /// <summary>After each step of the client: what one waits for may be there.</summary>
    public void Look()
    {
        switch (_stage)
        {
            case Stage.Waiting when _acquire!.Outcome.IsCompleted:
                // The caller's thread goes on a little later, and only then looks at the lease.
                _stage = Stage.Handed;
                var outcome = _acquire.Outcome.Result;
                client.Later(_chance.Between(1, 300), () => OnOutcome(outcome.End));
                break;
            case Stage.Upgrading when _upgrade!.Outcome.IsCompleted:
                _stage = Stage.Handed;
                var upgraded = _upgrade.Outcome.Result;
                client.Later(_chance.Between(1, 300), () => OnUpgraded(upgraded.End));
                break;
            case Stage.Releasing when _acquire!.Released.Task.IsCompleted:
                if (client.World.Checks.Locks.WasReleased(_acquire.Id)) _span?.DoneAt ??= Now;
                client.Cycles++;
                Think();
                break;
        }
    }

    private void Think()
    {
        _stage = Stage.Idle;
        (_acquire, _patience, _upgrade, _span) = (null, null, null, null);
        client.Later(_chance.Between(1, client.World.Plan.LongestThought) * Scheduler.Millisecond, Begin);
    }

    private void Begin()
    {
        _request = client.World.Plan.Locks.Next(_chance, client.World.Plan.Names);
        if (_chance.OfThousand(200))
        {
            Describe();
            Think();
            return;
        }
        _patience = NewPatience();
        TryOnce();
    }

    /// <summary>A wait of nothing, a short one, or one without end.</summary>
    private AcquirePatience NewPatience()
    {
        TimeSpan? wait = _chance.Below(4) switch
        {
            0 => TimeSpan.Zero,
            1 => null,
            _ => TimeSpan.FromMilliseconds(_chance.Between(50, 5_000)),
        };
        return new AcquirePatience(client.LeaseClock, wait, client.Options.CallTimeout);
    }

    private void TryOnce()
    {
        _acquire = NewAcquire(Claim.Of(_request, flow: ""));
        _stage = Stage.Waiting;
        Send(_acquire);
    }

    private Acquire NewAcquire(Claim claim) => new(claim, _patience!.Deadline, _patience.UnsentLimit)
    {
        Id = client.NewId(),
    };

    private void Send(Acquire acquire)
    {
        _askedAt = Now;
        if (_chance.OfThousand(150))
        {
            client.Later(
                _chance.Between(1, 3_000) * Scheduler.Millisecond,
                () => client.Step(_ => LockShards.GiveUp(acquire, AcquireEnd.Cancelled)));
        }
        client.Step(parts => parts.Locks.Start(acquire));
    }

    private void OnOutcome(AcquireEnd end)
    {
        var acquire = _acquire!;
        if (end == AcquireEnd.Granted)
        {
            if (client.World.Mutation.HandsOutUnchecked || client.IsHeld(acquire))
            {
                _span = client.World.Checks.LockHistory.Begin(acquire, isUpgraded: false, _askedAt);
                Work(acquire);
                return;
            }
            client.Step(_ => LockShards.Release(acquire));
            end = AcquireEnd.Interrupted;
        }
        if (_patience!.GoesOn(acquire, end)) TryOnce();
        else Think();
    }

    private void Work(Acquire acquire)
    {
        _stage = Stage.Working;
        var longest = client.World.IsHealed ? QuickWork : client.World.Plan.LongestWork;
        for (var uses = _chance.Below(4); uses >= 0; uses--)
        {
            Use(acquire);
            client.Later(_chance.Between(1, longest) * Scheduler.Millisecond, () => Use(acquire));
        }
        var isUpgraded = acquire is { Claim.Mode: LockMode.Upgradeable, Upgrade: null } && _upgrade is null
            && _chance.OfThousand(500);
        client.Later(_chance.Between(1, longest) * Scheduler.Millisecond, () =>
        {
            if (isUpgraded) Upgrade(acquire);
            else Release(acquire);
        });
    }

    private void Upgrade(Acquire hold)
    {
        _patience = NewPatience();
        TryUpgrade(hold);
    }

    private void TryUpgrade(Acquire hold)
    {
        if (!client.IsHeld(hold))
        {
            Release(hold);
            return;
        }
        _upgrade = NewAcquire(Claim.Upgrade(hold));
        _stage = Stage.Upgrading;
        Send(_upgrade);
    }

    private void OnUpgraded(AcquireEnd end)
    {
        var hold = _acquire!;
        if (end == AcquireEnd.Granted && client.IsHeld(hold))
        {
            (_span!.ReleasedAt, _span.DoneAt) = (_askedAt, Now);
            _span = client.World.Checks.LockHistory.Begin(hold, isUpgraded: true, _askedAt);
            Work(hold);
        }
        else if (_patience!.GoesOn(_upgrade!, end)) TryUpgrade(hold);
        else Release(hold);
    }

    private void Release(Acquire acquire)
    {
        if (_span is not null && client.IsHeld(acquire))
        {
            _span.ReleasedAt = Now;
        }
        _stage = Stage.Releasing;
        client.Step(_ => LockShards.Release(acquire));
        Look();
    }

    private void Use(Acquire acquire)
    {
        var unchecked_ = client.World.Mutation.HandsOutUnchecked && acquire.Stage == AcquireStage.Held;
        if (_acquire == acquire && _stage == Stage.Working && (unchecked_ || client.IsHeld(acquire)))
        {
            _span!.UsedAt = Now;
            client.World.Checks.History.OnUse(client, acquire);
        }
    }

    private void Describe()
    {
        var name = _chance.Pick(_request.Names);
        client.Ask(id => new LockCommand { DescribeLock = new() { CommandId = id, Name = name } });
    }

    private long Now => client.World.Scheduler.Now;
}

using Muster.Client;
using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>
/// A caller: acquires a lock, works under it, gives it back, sometimes gives up, sometimes only asks who
/// holds it. Tries again as the client's own calls do.
/// </summary>
internal sealed class LockUser(ClientProcess client)
{
    private const long QuickWork = 30;

    private readonly Chance _chance = client.Chance;
    private AcquirePatience? _patience;
    private Acquire? _acquire;
    private string _name = "";
    private Stage _stage;

    private enum Stage
    {
        Idle,
        Waiting,
        Handed,
        Working,
        Releasing,
    }

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
            case Stage.Releasing when _acquire!.Released.Task.IsCompleted:
                client.Cycles++;
                Think();
                break;
        }
    }

    private void Think()
    {
        _stage = Stage.Idle;
        (_acquire, _patience) = (null, null);
        client.Later(_chance.Between(1, client.World.Plan.LongestThought) * Scheduler.Millisecond, Begin);
    }

    private void Begin()
    {
        _name = $"lock-{_chance.Below(client.World.Plan.Names)}";
        if (_chance.OfThousand(200))
        {
            Describe();
            Think();
            return;
        }
        // A wait of nothing, a short one, or one without end.
        TimeSpan? wait = _chance.Below(4) switch
        {
            0 => TimeSpan.Zero,
            1 => null,
            _ => TimeSpan.FromMilliseconds(_chance.Between(50, 5_000)),
        };
        _patience = new AcquirePatience(client.LeaseClock, wait, client.Options.CallTimeout);
        TryOnce();
    }

    private void TryOnce()
    {
        var claim = Claim.Of(LockRequest.Exclusive(_name), flow: "");
        var acquire = new Acquire(claim, _patience!.Deadline, _patience.UnsentLimit)
        {
            Id = client.NewId(),
        };
        _acquire = acquire;
        _stage = Stage.Waiting;
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
        client.Later(_chance.Between(1, longest) * Scheduler.Millisecond, () =>
        {
            _stage = Stage.Releasing;
            client.Step(_ => LockShards.Release(acquire));
            Look();
        });
    }

    private void Use(Acquire acquire)
    {
        var unchecked_ = client.World.Mutation.HandsOutUnchecked && acquire.Stage == AcquireStage.Held;
        if (_acquire == acquire && _stage == Stage.Working && (unchecked_ || client.IsHeld(acquire)))
        {
            client.World.Checks.History.OnUse(client, _name, acquire.Token);
        }
    }

    private void Describe()
    {
        var name = _name;
        client.Step(parts => parts.Calls.Open(new Call<LockCommand, LockReply>
        {
            Id = client.NewId(),
            Command = call => new LockCommand { DescribeLock = new() { CommandId = call.Id, Name = name } },
            OnAnswer = _ => { },
            Timeout = client.Options.CallTimeout,
            OnTimeout = () => { },
        }));
    }
}

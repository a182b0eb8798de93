using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>
/// What befalls holders of locks alone: verdicts that they have crashed, true ones and false ones, and
/// operators. Where a run has real detectors the verdicts are theirs.
/// </summary>
internal sealed class LockFaults(Simulation world)
{
    private const long Ms = Scheduler.Millisecond;

    private readonly Chance _chance = world.Chance.Split("lock faults");
    private long _verdicts;

    /// <summary>The detectors notice, and mostly before its next life begins; or never.</summary>
    public void OnCrash(ClientProcess client)
    {
        if (_chance.OfThousand(800))
        {
            Accuse(client, _chance.Between(200, 3_000));
        }
    }

    /// <summary>Whoever it is lives, may be cut off or stopped, or has just died.</summary>
    public void AccuseAnybody() => Accuse(_chance.Pick(world.Clients), 0);

    /// <summary>Of the lock as it is, of one holder's alone, or of what was granted long ago.</summary>
    public void Break()
    {
        var operators = world.Clients.Where(client => client.IsUp && !client.IsPaused).ToList();
        var locks = world.Clients.SelectMany(client => client.Held).ToList();
        if (operators.Count == 0 || locks.Count == 0)
        {
            return;
        }
        var meant = _chance.Pick(locks);
        var name = _chance.Pick(meant.Claim.Names);
        var kind = _chance.Below(4);
        _chance.Pick(operators).Ask(id => new LockCommand
        {
            BreakLock = new BreakLock
            {
                CommandId = id,
                Name = name,
                ExpectedSession = kind == 1 ? meant.Session!.Id : "",
                ExpectedToken = kind == 2 ? meant.Token
                    : kind == 3 ? new FencingToken(meant.Token.Value - 1)
                    : FencingToken.None,
                Reason = "An operator of the simulation says so.",
            },
        });
    }

    private void Accuse(ClientProcess client, long delay)
    {
        if (world.Plan.HasStandbys || client.Incarnation.Length == 0)
        {
            return;
        }
        var verdict = new DetectorEvent
        {
            NodeFailed = new NodeFailed
            {
                Node = client.Name,
                Incarnation = client.Incarnation,
                Cause = FailureCause.Dead,
                AgeMilliseconds = 0,
                Event = new EventId { Group = NodeSettings.Detector, Epoch = 1, Number = ++_verdicts },
            },
        };
        Tell(delay);
        if (_chance.OfThousand(300))
        {
            Tell(delay + _chance.Below(3_000)); // a copy ends nothing that has begun since
        }

        void Tell(long milliseconds) => world.Scheduler.After(milliseconds * Ms, () =>
        {
            world.Trace.Add("accused", client.Name, verdict.NodeFailed!.Event.Number);
            world.Broker.Tell(DetectorReplica.Events, verdict);
        });
    }
}

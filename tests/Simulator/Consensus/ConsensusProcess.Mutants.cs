using Muster.Consensus.Core;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>What only a mutant's node does.</summary>
internal sealed partial class ConsensusProcess
{
    /// <summary>It is stopped here now and then: what comes meanwhile is there when it goes on.</summary>
    private void TakeLater(long clock, int life)
    {
        _hasReadClock = true;
        var stop = _chance.OfThousand(3) ? _chance.Between(100, 800) * Scheduler.Millisecond : 0;
        Scheduler.After(IsPaused ? Scheduler.Millisecond : _chance.Between(5, 60) + stop, () =>
        {
            if (Life != life || !IsUp)
            {
                return;
            }
            if (IsPaused)
            {
                TakeLater(clock, life);
                return;
            }
            _hasReadClock = false;
            TakeAndStep(clock);
        });
    }

    /// <summary>A core made anew is the same as one that gave up the end of its log.</summary>
    private void ForgetFor(PeerMessage message)
    {
        var group = Of(message.Group);
        if (_world.Mutation.ForgetsAfter(group, message) is not { } last)
        {
            return;
        }
        group.Disk.ForgetAfter(last);
        group.Start(_world.Mutation, _chance.Next());
        _runners[Groups.ToList().IndexOf(group)] = group.Runner;
        group.Runner.Add(new OwnConnectionChanged(_isConnected));
    }
}

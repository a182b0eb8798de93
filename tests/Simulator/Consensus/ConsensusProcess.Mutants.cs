using Muster.Consensus.Core;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>What only a mutant's node does.</summary>
internal sealed partial class ConsensusProcess
{
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
        group.Runner.Add(new OwnConnectionChanged(_link.IsUp));
    }
}

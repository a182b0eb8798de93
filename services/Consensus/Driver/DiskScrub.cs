using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;

namespace Muster.Consensus.Driver;

/// <summary>
/// Looks through the disk, some rows of each group a second, and rests between one pass and the next.
/// </summary>
internal sealed class DiskScrub(NodeSetup setup, IReadOnlyList<(string Group, GroupScrub Scrub)> groups)
{
    private const long StepMilliseconds = 1000;

    private readonly long[] _nextAt = new long[groups.Count];

    public void Step(long now)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            if (now < _nextAt[i]) continue;
            var (group, scrub) = groups[i];
            foreach (var bad in scrub.Step())
            {
                setup.Logger.Mended(setup.Node, group, bad);
            }
            var pause = scrub.IsThrough ? (long)setup.ScrubInterval.TotalMilliseconds : StepMilliseconds;
            _nextAt[i] = now + Math.Max(pause, StepMilliseconds);
            return; // one group a round: the loop has other work
        }
    }
}

using Microsoft.Extensions.Logging;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;

namespace Muster.Consensus.Driver;

/// <summary>Looks through the disk, some rows a second, in turn through all groups.</summary>
internal sealed class DiskScrub(NodeSetup setup, IReadOnlyList<(string Group, GroupScrub Scrub)> groups)
{
    private const long IntervalMilliseconds = 1000;

    private long _nextAt;
    private int _next;

    public void Step(long now)
    {
        if (now < _nextAt || groups.Count == 0) return;
        _nextAt = now + IntervalMilliseconds;
        _next = (_next + 1) % groups.Count;
        var (group, scrub) = groups[_next];
        foreach (var bad in scrub.Step())
        {
            setup.Logger.Mended(setup.Node, group, bad);
        }
    }
}

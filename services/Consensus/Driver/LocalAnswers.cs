using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>The questions that any node answers from what it has, without asking the others.</summary>
internal static class LocalAnswers
{
    /// <summary>Of small entries; a larger one comes alone.</summary>
    private const int MaxReadBytes = 4 * 1024 * 1024;

    /// <summary>Null when the request is none of these, but the core's business.</summary>
    public static object? To(object request, GroupRunner group, string clusterId, long now) => request switch
    {
        ReadEntries read => Read(read, group),
        ReadSnapshot read => new SnapshotRead
        {
            Group = group.Name,
            RequestId = read.RequestId,
            Snapshot = group.Core.Snapshot,
        },
        DescribeGroup question => group.Core.Describe(now) with
        {
            ClusterId = clusterId,
            RequestId = question.RequestId,
        },
        _ => null,
    };

    private static object Read(ReadEntries read, GroupRunner group)
    {
        if (read.FromIndex <= LogIndex.Zero)
        {
            return group.Refusal(
                read.RequestId, ConsensusRefusal.Invalid, $"fromIndex is {read.FromIndex}: 1 or more.");
        }
        if (read.FromIndex < group.Core.FirstIndex)
        {
            return group.Refusal(read.RequestId, ConsensusRefusal.Compacted,
                $"Entry {read.FromIndex} is compacted; the log starts at {group.Core.FirstIndex}.");
        }
        return new EntriesRead
        {
            Group = group.Name,
            RequestId = read.RequestId,
            Entries = group.Core.Read(read.FromIndex, Math.Clamp(read.MaxBytes, 1, MaxReadBytes)),
            CommitIndex = group.Core.CommitIndex,
        };
    }
}

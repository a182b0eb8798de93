using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>What a leader tells its group's replicas, as the node's outbox chunks it.</summary>
internal static class CommitPublishing
{
    private const int MaxPublishBytes = 512 * 1024;

    public static IEnumerable<EntriesCommitted> Of(
        GroupRunner group, RaftOutput output, string logId)
    {
        var entries = output.Committed;
        for (var next = 0; next < entries.Count;)
        {
            var (first, bytes) = (next, 0);
            do
            {
                bytes += entries[next++].Payload.Length;
            }
            while (next < entries.Count && bytes + entries[next].Payload.Length <= MaxPublishBytes);
            var commit = next == entries.Count ? group.Core.CommitIndex : entries[next - 1].Index;
            yield return Message([.. entries.Skip(first).Take(next - first)], commit);
        }
        if (output.AnnounceCommit && entries.Count == 0)
        {
            yield return Message([], group.Core.CommitIndex);
        }

        EntriesCommitted Message(IReadOnlyList<LogEntry> some, LogIndex commit) => new()
        {
            LogId = logId,
            Group = group.Name,
            Leader = group.Core.Describe(0).Node,
            Term = group.Core.Term,
            Entries = some,
            CommitIndex = commit,
        };
    }
}

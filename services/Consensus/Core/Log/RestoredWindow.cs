using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>
/// Builds the log from what a driver stored, and refuses a store that cannot have been written by a core.
/// </summary>
internal static class RestoredWindow
{
    public static LogWindow Build(GroupIdentity identity, RestoredGroup restored)
    {
        var snapshotIndex = restored.Snapshot?.Index ?? LogIndex.Zero;
        var snapshotTerm = restored.Snapshot?.Term ?? Term.Zero;
        var entries = restored.Entries;
        if (entries.Count == 0 || entries[^1].Index < snapshotIndex) return new(snapshotIndex, snapshotTerm);

        var first = entries[0];
        if (first.Index > snapshotIndex.Next())
            throw identity.Broken(first.Term, first.Index,
                $"stored log has a gap after snapshot {snapshotIndex}");

        // The term before the first stored entry is known only from the snapshot. Otherwise the first entry
        // is the base: it lies at or before the snapshot's index, so nobody needs it.
        var startsAfterSnapshot = first.Index == snapshotIndex.Next();
        var window = startsAfterSnapshot
            ? new LogWindow(snapshotIndex, snapshotTerm)
            : new LogWindow(first.Index, first.Term);
        foreach (var entry in entries.Skip(startsAfterSnapshot ? 0 : 1)) window.Append(entry);
        if (!window.Matches(snapshotIndex, snapshotTerm))
            throw identity.Broken(snapshotTerm, snapshotIndex, "stored log contradicts the stored snapshot");
        if (window.LastTerm > restored.HardState.Term)
            throw identity.Broken(restored.HardState.Term, window.LastIndex,
                "stored log is ahead of the stored term");
        return window;
    }
}

using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// The memberships in the log: the newest counts, committed or not, and one that is truncated gives way to
/// the one before it.
/// </summary>
internal sealed class MembershipHistory(Configuration bootstrap)
{
    // The first is what holds at the snapshot's index; the others are entries after it.
    private readonly List<(LogIndex Index, Configuration Configuration)> known =
        [(LogIndex.Zero, bootstrap)];

    public Configuration Current => known[^1].Configuration;

    /// <summary>The entry of the newest, or the snapshot that brought it; zero for the bootstrap's.</summary>
    public LogIndex Index => known[^1].Index;

    /// <summary>
    /// The newest, and those that it may have to give way to: all from the last committed one on.
    /// </summary>
    public IEnumerable<Configuration> Since(LogIndex commitIndex) => known
        .Skip(Math.Max(0, known.FindLastIndex(one => one.Index <= commitIndex)))
        .Select(one => one.Configuration);

    public void Appended(LogEntry entry)
    {
        if (entry.Kind == EntryKind.Membership) known.Add((entry.Index, Configuration.Read(entry)));
    }

    public void TruncatedFrom(LogIndex index)
    {
        while (known.Count > 1 && known[^1].Index >= index) known.RemoveAt(known.Count - 1);
    }

    /// <summary>What a snapshot at an index has to carry; null for the bootstrap's.</summary>
    public GroupMembership? At(LogIndex index)
    {
        var found = known.FindLast(one => one.Index <= index).Configuration;
        return found == bootstrap ? null : found.Membership;
    }

    public void StartFrom(GroupSnapshot snapshot)
    {
        known.RemoveAll(one => one.Index <= snapshot.Index);
        var configuration = snapshot.Membership is { } membership ? new Configuration(membership) : bootstrap;
        known.Insert(0, (snapshot.Index, configuration));
    }
}

using Muster.Consensus.Core;
using Muster.Contracts.Consensus;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// What a run's hash has of an event's detail. Of messages between nodes, which are most of a trace, it is
/// their numbers, as their text would take longer than the run: of an entry its place, term, time and
/// length, as what is in it is mixed in when it is applied. All else is hashed as the text that people see.
/// </summary>
internal static class TraceDigest
{
    public const ulong Empty = 14695981039346656037;

    private const ulong Prime = 1099511628211;

    public static ulong Of(object? detail) => detail switch
    {
        null => Empty,
        string text => Mix(Empty, text),
        PeerMessage message => Of(message),
        HardState state => Mix(Mix(Empty, state.Term.Value), state.Vote.Value ?? ""),
        ReplicaSend send => Mix(Mix(Mix(Empty, send.Message.GetType().Name), send.RequestId),
            send.To.Value ?? ""),
        _ => Mix(Empty, TraceText.Of(detail)),
    };

    public static ulong Mix(ulong digest, long value) => Mix(digest, (ulong)value);

    public static ulong Mix(ulong digest, ulong value) =>
        unchecked((digest ^ value) * Prime) ^ (digest >> 29);

    public static ulong Mix(ulong digest, string text)
    {
        foreach (var letter in text)
        {
            digest = unchecked((digest ^ letter) * Prime);
        }
        return digest;
    }

    private static ulong Of(PeerMessage message)
    {
        var digest = Mix(Mix(Empty, message.From.Value ?? ""), message.To.Value ?? "");
        digest = Mix(Mix(digest, message.Group), message.GetType().Name);
        digest = Mix(Mix(digest, message.Term.Value), message.RequestId);
        return message switch
        {
            AppendEntries one => Of(digest, one),
            AppendEntriesReply one => Mix(Mix(Mix(Mix(digest, one.Success ? 1 : 0), one.MatchIndex.Value),
                one.ConflictTerm.Value), one.ConflictIndex.Value),
            PreVote one => Mix(Mix(Mix(digest, one.NextTerm.Value), one.LastLogIndex.Value),
                one.LastLogTerm.Value),
            PreVoteReply one => Mix(Mix(digest, one.NextTerm.Value), one.Granted ? 1 : 0),
            RequestVote one => Mix(Mix(digest, one.LastLogIndex.Value), one.LastLogTerm.Value),
            RequestVoteReply one => Mix(digest, one.Granted ? 1 : 0),
            InstallSnapshot one => Mix(Mix(Mix(digest, one.Snapshot.Index.Value), one.Offset),
                one.TotalBytes),
            InstallSnapshotReply one => Mix(Mix(digest, one.MatchIndex.Value), one.ReceivedBytes),
            _ => digest,
        };
    }

    private static ulong Of(ulong digest, AppendEntries one)
    {
        digest = Mix(Mix(digest, one.PreviousIndex.Value), one.PreviousTerm.Value);
        digest = Mix(Mix(digest, one.CommitIndex.Value), one.LogTime);
        foreach (var entry in one.Entries)
        {
            digest = Mix(Mix(digest, entry.Index.Value), entry.Term.Value);
            digest = Mix(Mix(digest, entry.LogTime), entry.Payload.Length);
        }
        return digest;
    }
}

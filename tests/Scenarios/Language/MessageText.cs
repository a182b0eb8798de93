using System.Globalization;
using Muster.Contracts.Consensus;

namespace Muster.Scenarios.Tests;

/// <summary>How messages, entries and answers look in a trace. An entry is INDEX@TERM.</summary>
internal static class MessageText
{
    public static string Of(PeerMessage message) => string.Create(CultureInfo.InvariantCulture,
        $"{message.From}->{message.To} {message.GetType().Name} term {message.Term}{DetailsOf(message)} "
        + $"#{message.RequestId}");

    public static string Of(IEnumerable<LogEntry> entries) =>
        string.Join(' ', entries.Select(entry => $"{entry.Index}@{entry.Term}"));

    public static string TermsOf(IEnumerable<LogEntry> entries) =>
        string.Join(' ', entries.Select(entry => entry.Term));

    /// <summary>Learners in brackets, outgoing voters after a bar.</summary>
    public static string Of(GroupMembership membership) => string.Join(' ',
    [
        .. membership.Members.Select(
            one => one.Role == MemberRole.Learner ? $"({one.Node})" : one.Node.Value),
        .. membership.OutgoingVoters.Take(1).Select(_ => "|"),
        .. membership.OutgoingVoters.Select(one => one.Node.Value),
    ]);

    public static string Of(object answer) => answer switch
    {
        EntriesProposed one => $"committed up to {one.LastIndex} in term {one.Term}",
        ReadIndexFound one => $"read index {one.Index}",
        LeadershipTransferred one => $"transferred to {one.Leader}",
        MembersChanged one => $"changed to {Of(one.Membership)}",
        ConsensusRefused one => $"refused {one.Reason}, leader {one.LeaderHint}",
        _ => throw new ArgumentException(answer.GetType().Name, nameof(answer)),
    };

    public static string IdOf(object answer) => answer switch
    {
        EntriesProposed one => one.ProposalId,
        ReadIndexFound one => one.RequestId,
        LeadershipTransferred one => one.RequestId,
        MembersChanged one => one.RequestId,
        ConsensusRefused one => one.RequestId,
        _ => throw new ArgumentException(answer.GetType().Name, nameof(answer)),
    };

    private static string DetailsOf(PeerMessage message) => message switch
    {
        PreVote one => $" next {one.NextTerm} log {one.LastLogIndex}@{one.LastLogTerm}",
        PreVoteReply one => $" next {one.NextTerm} {YesOrNo(one.Granted)}",
        RequestVote one => $" log {one.LastLogIndex}@{one.LastLogTerm}",
        RequestVoteReply one => " " + YesOrNo(one.Granted),
        AppendEntries one => $" after {one.PreviousIndex}@{one.PreviousTerm} "
            + $"{(one.Entries.Count == 0 ? "heartbeat" : "entries " + Of(one.Entries))} "
            + $"commit {one.CommitIndex}",
        AppendEntriesReply { Success: true } one => $" match {one.MatchIndex}",
        AppendEntriesReply one =>
            $" refuses {one.MatchIndex}, conflict {one.ConflictIndex}@{one.ConflictTerm}",
        InstallSnapshot one => $" snapshot {one.Snapshot.Index}@{one.Snapshot.Term}",
        InstallSnapshotReply one => $" match {one.MatchIndex}",
        _ => "",
    };

    private static string YesOrNo(bool granted) => granted ? "yes" : "no";
}

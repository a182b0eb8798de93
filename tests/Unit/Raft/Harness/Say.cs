using System.Text;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Unit.Tests.Raft.Harness;

/// <summary>
/// Short words for messages and logs. A log is written as the terms of its entries: "1 1 2".
/// </summary>
internal static class Say
{
    public static readonly ReplyAddress Client = ReplyAddress.Inbox("client", "r");

    public static NodeId Node(string name) => new(name);

    public static LogIndex At(long index) => new(index);

    public static Term InTerm(long term) => new(term);

    public static List<LogEntry> Log(string terms, long first = 1) =>
        [.. terms.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((term, i) => Entry(first + i, long.Parse(term)))];

    public static LogEntry Entry(long index, long term, long logTime = 0) => new()
    {
        Index = At(index),
        Term = InTerm(term),
        LogTime = logTime,
        Kind = EntryKind.Command,
        Payload = Encoding.ASCII.GetBytes($"{index}@{term}"),
    };

    public static string Terms(this IEnumerable<LogEntry> entries) =>
        string.Join(' ', entries.Select(e => e.Term.Value));

    public static AppendEntries Append(
        string from, long term, long previous, long previousTerm, string terms = "", long commit = 0,
        long id = 1, string incarnation = "b.1", long logTime = 0) => new()
        {
            From = Node(from),
            To = Node("a"),
            Term = InTerm(term),
            RequestId = id,
            Incarnation = incarnation,
            PreviousIndex = At(previous),
            PreviousTerm = InTerm(previousTerm),
            Entries = Log(terms, previous + 1),
            CommitIndex = At(commit),
            LogTime = logTime,
        };

    public static InstallSnapshot Install(
        string from, long term, long index, long snapshotTerm, long logTime = 0) => new()
        {
            From = Node(from),
            To = Node("a"),
            Term = InTerm(term),
            RequestId = 1,
            Incarnation = "b.1",
            Snapshot = new()
            {
                Index = At(index),
                Term = InTerm(snapshotTerm),
                LogTime = logTime,
                Payload = [7],
            },
            TotalBytes = 1,
            LogTime = logTime,
        };

    public static RequestVote AskVote(string from, long term, long lastIndex = 0, long lastTerm = 0) => new()
    {
        From = Node(from),
        To = Node("a"),
        Term = InTerm(term),
        RequestId = 1,
        LastLogIndex = At(lastIndex),
        LastLogTerm = InTerm(lastTerm),
    };

    public static PreVote AskPreVote(
        string from, long nextTerm, long lastIndex = 0, long lastTerm = 0) => new()
        {
            From = Node(from),
            To = Node("a"),
            Term = InTerm(nextTerm - 1),
            NextTerm = InTerm(nextTerm),
            RequestId = 1,
            LastLogIndex = At(lastIndex),
            LastLogTerm = InTerm(lastTerm),
        };

    public static PreVoteReply Grants(PreVote ask) => new()
    {
        From = ask.To,
        To = ask.From,
        Term = ask.Term,
        RequestId = ask.RequestId,
        NextTerm = ask.NextTerm,
        Granted = true,
    };

    public static RequestVoteReply Grants(RequestVote ask) => new()
    {
        From = ask.To,
        To = ask.From,
        Term = ask.Term,
        RequestId = ask.RequestId,
        Granted = true,
    };

    public static AppendEntriesReply Accepts(AppendEntries request, string? from = null) => new()
    {
        From = from is null ? request.To : Node(from),
        To = request.From,
        Term = request.Term,
        RequestId = request.RequestId,
        Success = true,
        MatchIndex = request.PreviousIndex + request.Entries.Count,
    };

    public static AppendEntriesReply Refuses(
        AppendEntries request, long conflictIndex, long conflictTerm = 0) => new()
        {
            From = request.To,
            To = request.From,
            Term = request.Term,
            RequestId = request.RequestId,
            MatchIndex = request.PreviousIndex,
            ConflictIndex = At(conflictIndex),
            ConflictTerm = InTerm(conflictTerm),
        };

    public static ProposalReceived Propose(string text, string id = "p", bool wantsAnswer = true) =>
        ProposeAll(id, wantsAnswer, Encoding.ASCII.GetBytes(text));

    public static ProposalReceived ProposeAll(string id, bool wantsAnswer, params byte[][] payloads) => new(
        Client, new() { Group = "g", ProposalId = id, WantsAnswer = wantsAnswer, Payloads = payloads });

    /// <summary>"+d +e" adds, "^d" promotes, "-b" removes.</summary>
    public static ChangeReceived Change(string what, string id = "m", bool stayLearners = false)
    {
        var words = what.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToLookup(word => word[0]);
        NodeId[] Named(char kind) => [.. words[kind].Select(word => Node(word[1..]))];
        return new(Client, new ChangeMembers
        {
            RequestId = id,
            Add = Named('+'),
            Promote = Named('^'),
            Remove = Named('-'),
            StayLearners = stayLearners,
        }, DisksOf("defgh"), DisksOf("abc"));
    }

    private static Dictionary<NodeId, string> DisksOf(string names) =>
        names.ToDictionary(name => Node($"{name}"), name => $"disk-{name}");

    /// <summary>
    /// "a b c", learners in brackets, and after a bar the outgoing voters: "a b (d) | a b c".
    /// </summary>
    public static string Text(this GroupMembership membership)
    {
        var members = membership.Members.Select(
            one => one.Role == MemberRole.Learner ? $"({one.Node})" : one.Node.Value);
        var outgoing = membership.OutgoingVoters.Select(one => one.Node.Value);
        var text = string.Join(' ', members);
        return membership.OutgoingVoters.Count == 0 ? text : $"{text} | {string.Join(' ', outgoing)}";
    }

    public static ReadIndexReceived Read(string id = "q") =>
        new(Client, new ReadIndex { Group = "g", RequestId = id });

    public static SnapshotOffered Offer(long index, params byte[] payload) =>
        new(new StoreSnapshot { Group = "g", Index = At(index), Payload = payload });

    public static IReadOnlyList<T> Sent<T>(this RaftOutput output)
        where T : PeerMessage => [.. output.Early.Concat(output.Messages).OfType<T>()];

    public static T Only<T>(this RaftOutput output)
        where T : PeerMessage => output.Sent<T>().Single();

    public static T To<T>(this RaftOutput output, string node)
        where T : PeerMessage => output.Sent<T>().Single(message => message.To == Node(node));

    public static IReadOnlyList<T> Answers<T>(this RaftOutput output) =>
        [.. output.Replies.Select(reply => reply.Message).OfType<T>()];
}

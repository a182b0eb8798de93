using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

// Bugs of other implementations, by their numbers in tests/Scenarios/raft-bugs.txt, each for its scenario: in
// random runs they need what comes together too seldom, or do no harm that a property tells.

internal sealed class OldTermCommitted : Mutation
{
    private readonly Dictionary<(IRaftNode Leader, Term Term, NodeId Of), LogIndex> _held = [];
    private readonly Dictionary<(IRaftNode Leader, Term Term), LogIndex> _told = [];

    public override string Name => "old-term-committed";

    public override string Breaks =>
        "A leader commits an earlier term's entry once a majority has it (bug 2).";

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message)
    {
        if (message is AppendEntriesReply { Success: true } reply && reply.Term == node.Core.Term)
        {
            var of = (node, reply.Term, reply.From);
            _held[of] = Later(_held.GetValueOrDefault(of), reply.MatchIndex);
        }
        return message;
    }

    public override RaftOutput OnStep(IRaftNode node, RaftOutput output)
    {
        var (term, voters) = (node.Core.Term, node.Core.Membership.Members);
        if (node.Core.Role != RaftRole.Leader || node.Memory.Entries.Count == 0)
        {
            return output;
        }
        var held = voters.Select(voter => voter.Node == node.Id
                ? node.Core.LastIndex
                : _held.GetValueOrDefault((node, term, voter.Node)))
            .OrderDescending().ElementAt(voters.Count / 2);
        var old = node.Memory.Entries.LastOrDefault(entry => entry.Index <= held && entry.Term < term);
        if (old is null || old.Index != held || held <= node.Core.CommitIndex)
        {
            return output;
        }
        var told = Later(_told.GetValueOrDefault((node, term)), node.Core.CommitIndex);
        _told[(node, term)] = held;
        return output with
        {
            Committed =
            [
                .. output.Committed,
                .. node.Memory.Entries.Where(entry => entry.Index > told && entry.Index <= held),
            ],
        };
    }

    private static LogIndex Later(LogIndex one, LogIndex other) => one > other ? one : other;
}

internal sealed class PrefixTruncates : Mutation
{
    public override string Name => "prefix-truncates";

    public override string Breaks =>
        "A request that ends before the follower's log removes what follows it (bug 3).";

    public override LogIndex? ForgetsAfter(IRaftNode node, PeerMessage message)
    {
        if (message is not AppendEntries { Entries: [.., var last] } append || append.Term < node.Core.Term
            || last.Index >= node.Core.LastIndex)
        {
            return null;
        }
        var isPrefix = node.Memory.Entries.Any(entry => entry.Index == last.Index && entry.Term == last.Term);
        return isPrefix ? last.Index : null;
    }
}

internal sealed class AnyAnswerConfirms : Mutation
{
    private readonly RequestLog _sent = new();

    public override string Name => "any-answer-confirms";

    public override string Breaks =>
        "A follower's answer to an earlier request confirms a read that was asked for since (bug 12).";

    public override RaftOutput OnStep(IRaftNode node, RaftOutput output)
    {
        _sent.Add(node, output);
        return output;
    }

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message) =>
        message is AppendEntriesReply { Success: true } reply && reply.Term == node.Core.Term
            && _sent.Newest(node, reply) is { } newest
            ? reply with { RequestId = newest.RequestId }
            : message;
}

internal sealed class NextFollowsAnyAnswer : Mutation
{
    private readonly Dictionary<(IRaftNode Leader, NodeId To), LogIndex> _answered = [];

    public override string Name => "next-follows-any-answer";

    public override string Breaks =>
        "A leader goes on after what the last answer says, although an earlier one said more (bug 15).";

    public override PeerMessage OnPeer(IRaftNode node, PeerMessage message)
    {
        if (message is AppendEntriesReply { Success: true } reply && reply.Term == node.Core.Term)
        {
            _answered[(node, reply.From)] = reply.MatchIndex;
        }
        return message;
    }

    public override RaftOutput OnStep(IRaftNode node, RaftOutput output) => output with
    {
        Early = [.. output.Early.Select(message => Moved(node, message))],
        Messages = [.. output.Messages.Select(message => Moved(node, message))],
    };

    private PeerMessage Moved(IRaftNode node, PeerMessage message)
    {
        if (message is not AppendEntries { Entries: [.., var last] } append
            || !_answered.TryGetValue((node, append.To), out var after)
            || after >= append.PreviousIndex
            || node.Memory.Entries.FirstOrDefault(entry => entry.Index == after) is not { } previous)
        {
            return message;
        }
        return append with
        {
            PreviousIndex = after,
            PreviousTerm = previous.Term,
            Entries =
            [
                .. node.Memory.Entries.Where(entry => entry.Index > after && entry.Index <= last.Index),
            ],
        };
    }
}

internal sealed class LateReportCounted : Mutation
{
    public override string Name => "late-report-counted";

    public override string Breaks =>
        "The report of a write counts for whatever entry has its index by now (bug 17).";

    public override EntriesPersisted OnPersisted(IRaftNode node, EntriesPersisted report) =>
        node.Memory.Entries.FirstOrDefault(entry => entry.Index == report.Index) is { } entry
            ? report with { Term = entry.Term }
            : report;
}

internal sealed class SharedIdRetires : Mutation
{
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);

    public override string Name => "shared-id-retires";

    public override string Breaks =>
        "The answer to one asker ends the request of another who used the same id (bug 27).";

    public override RaftOutput OnStep(IRaftNode node, RaftOutput output) => output with
    {
        Replies =
        [
            .. output.Replies.Where(reply => IdOf(reply.Message) is not { } id || _answered.Add(id)),
        ],
    };

    private static string? IdOf(object message) => message switch
    {
        ReadIndexFound found => found.RequestId,
        EntriesProposed done => done.ProposalId,
        _ => null,
    };
}

internal sealed class HeartbeatsWhileWriting : Mutation
{
    private readonly RequestLog _sent = new();

    public override string Name => "heartbeats-while-writing";

    public override string Breaks =>
        "A leader whose write does not end goes on with its heartbeats (bug 23).";

    public override RaftOutput OnStep(IRaftNode node, RaftOutput output)
    {
        _sent.Add(node, output);
        return output;
    }

    public override IReadOnlyList<PeerMessage> WhileWriting(IRaftNode node) => node.IsLeader
        ? [.. _sent.All(node).Select(newest => newest with { Entries = [] })]
        : [];
}

/// <summary>The newest request of each node to each other one.</summary>
internal sealed class RequestLog
{
    private readonly Dictionary<(IRaftNode From, NodeId To), AppendEntries> _newest = [];

    public void Add(IRaftNode node, RaftOutput output)
    {
        foreach (var append in output.Early.Concat(output.Messages).OfType<AppendEntries>())
        {
            _newest[(node, append.To)] = append;
        }
    }

    /// <summary>To whom this answer is from; null: none in its term.</summary>
    public AppendEntries? Newest(IRaftNode node, AppendEntriesReply reply) =>
        _newest.GetValueOrDefault((node, reply.From)) is { } newest && newest.Term == reply.Term
            ? newest
            : null;

    public IEnumerable<AppendEntries> All(IRaftNode node) => _newest
        .Where(sent => sent.Key.From == node && sent.Value.Term == node.Core.Term)
        .Select(sent => sent.Value);
}

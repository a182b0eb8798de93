using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;

namespace Muster.Unit.Tests.Raft.Harness;

/// <summary>
/// One core, node "a", with a driver that stores each output at once and reports it in the next step.
/// </summary>
internal sealed class DrivenCore
{
    private readonly RaftOptions options;
    private readonly IReadOnlyList<NodeId> members;
    private readonly long requestsAfter;
    private EntriesPersisted? written;
    private long asked;

    public DrivenCore(
        string members = "a b c", RaftOptions? options = null, FakeDisk? disk = null, long now = 1000,
        long requestsAfter = 0)
    {
        this.requestsAfter = requestsAfter;
        this.options = options ?? new RaftOptions();
        this.members = [.. members.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Say.Node)];
        Disk = disk ?? new FakeDisk();
        Now = now;
        Core = Start();
    }

    public RaftCore Core { get; private set; }

    public FakeDisk Disk { get; private set; }

    public long Now { get; private set; }

    /// <summary>When false, written entries are reported only by <see cref="ReportWritten"/>.</summary>
    public bool ReportsWrites { get; init; } = true;

    public string Log => Disk.Entries.Terms();

    public static DrivenCore With(
        string log, long term, string members = "a b c", RaftOptions? options = null) =>
        new(members, options, new FakeDisk
        {
            HardState = new(Say.InTerm(term), NodeId.None),
            Entries = Say.Log(log),
        });

    public RaftOutput Step(params RaftInput[] inputs)
    {
        RaftInput[] all = written is not null && ReportsWrites ? [written, .. inputs] : inputs;
        if (ReportsWrites) written = null;
        var output = Core.Step(Now, all);
        Disk.Write(output);
        asked = output.Sent<PeerMessage>().Select(message => message.RequestId).Append(asked).Max();
        if (output.Append.Count > 0)
            written = new EntriesPersisted(output.Append[^1].Index, output.Append[^1].Term);
        return output;
    }

    public RaftOutput Receive(params PeerMessage[] messages) =>
        Step([.. messages.Select(message => new PeerReceived(message))]);

    /// <summary>
    /// The follower's log is the leader's up to an index: an answer to the last request that it was sent.
    /// </summary>
    public AppendEntriesReply Matches(string from, long index) => new()
    {
        From = new(from),
        To = new("a"),
        Term = Core.Term,
        RequestId = asked,
        Success = true,
        MatchIndex = new(index),
    };

    public RaftOutput After(long milliseconds, params RaftInput[] inputs)
    {
        Now += milliseconds;
        return Step(inputs);
    }

    public RaftOutput ReportWritten()
    {
        var report = written.ShouldNotBeNull();
        written = null;
        return Step(report);
    }

    /// <summary>Steps at the next deadline.</summary>
    public RaftOutput Expire()
    {
        Now = Math.Max(Now, Core.NextDeadline);
        return Step();
    }

    /// <summary>Lets the election timeout run out: the node asks for pre-votes.</summary>
    public RaftOutput Stand()
    {
        Step();
        return Expire();
    }

    /// <summary>Gets the given peers' pre-votes: the node asks for votes.</summary>
    public RaftOutput WinPreVote(params string[] from)
    {
        var asked = Stand().Sent<PreVote>();
        return Receive([.. asked.Where(ask => from.Contains(ask.To.Value)).Select(Say.Grants)]);
    }

    /// <summary>Gets the given peers' pre-votes and votes: the node leads.</summary>
    public RaftOutput Lead(params string[] from)
    {
        string[] voters = from.Length == 0 ? ["b"] : from;
        var asked = WinPreVote(voters).Sent<RequestVote>();
        var output = Receive([.. asked.Where(ask => voters.Contains(ask.To.Value)).Select(Say.Grants)]);
        Core.Role.ShouldBe(RaftRole.Leader);
        return output;
    }

    /// <summary>
    /// Leads and lets b acknowledge everything, so the empty entry is committed; gives the last request to c.
    /// </summary>
    public AppendEntries LeadAndCommit()
    {
        var output = Lead("b");
        var toC = output.To<AppendEntries>("c");
        Receive(Say.Accepts(output.To<AppendEntries>("b")));
        Core.CommitIndex.ShouldBe(Core.LastIndex);
        return toC;
    }

    /// <summary>A crash and a start from what was stored.</summary>
    public void Restart()
    {
        written = null;
        Disk = Disk.Copy();
        Core = Start();
    }

    private RaftCore Start() => new(options, Disk.Restore(Say.Node("a"), members, seed: 42) with
    {
        RequestsAfter = requestsAfter,
    });
}

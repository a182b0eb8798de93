using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Who leads the group, as far as messages tell. The term is that of the last leader known: a node that only
/// knows of a newer term without a leader does not move it, because it may never lead (a removed one) while
/// the old leader goes on.
/// </summary>
internal sealed class LeaderKnowledge(string group)
{
    public const long DescribeMilliseconds = 200;

    /// <summary>
    /// A leader that was not heard for so long is asked for: a lost last message would go unnoticed.
    /// </summary>
    public const long QuietMilliseconds = 3_000;

    /// <summary>
    /// Asked for some times, and not heard: health says so. One that leads announces itself each second.
    /// </summary>
    public const long SilentMilliseconds = QuietMilliseconds + (5 * DescribeMilliseconds);

    private List<NodeId> _nodes = [];
    private long _heardAt;
    private long? _describedAt;
    private long _describeNumber;
    private bool _doubted = true;

    public NodeId Leader { get; private set; } = NodeId.None;

    public Term Term { get; private set; }

    /// <summary>The longest election time-out of all nodes that told theirs; 0: none has.</summary>
    public long ElectionMaxMilliseconds { get; private set; }

    /// <summary>As of the last <see cref="Drive"/>: the leader that is known may be gone.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Grows with each new leader or term; what is unanswered is then sent again.</summary>
    public int Changes { get; private set; }

    /// <summary>The leader itself spoke.</summary>
    public void Heard(long now, NodeId leader, Term term)
    {
        if (leader.IsNone || term < Term)
        {
            return;
        }
        Adopt(leader, term);
        _heardAt = now;
        _doubted = false;
    }

    /// <summary>A node refused because it does not lead, and says whom it believes to.</summary>
    public void Refused(NodeId hint, Term term)
    {
        if (term < Term)
        {
            return;
        }
        if (!hint.IsNone)
        {
            Adopt(hint, term);
        }
        else if (term > Term)
        {
            Leader = NodeId.None;
        }
        _doubted = true;
    }

    /// <summary>A node told what holds of it whatever log it keeps.</summary>
    public void Met(GroupDescription description)
    {
        ElectionMaxMilliseconds = Math.Max(ElectionMaxMilliseconds, description.ElectionMaxMilliseconds);
        var nodes = description.Members.Append(description.Node).Where(node => !node.IsNone);
        _nodes = [.. nodes.Distinct().Order()];
    }

    public void Described(long now, GroupDescription description)
    {
        Met(description);
        if (description.Role == RaftRole.Leader)
        {
            Heard(now, description.Node, description.Term);
        }
        else if (!description.Leader.IsNone
            && (description.Term > Term || (Leader.IsNone && description.Term == Term)))
        {
            Adopt(description.Leader, description.Term);
        }
    }

    /// <summary>
    /// The leader does not answer, or may have changed unheard: ask everybody until a leader speaks.
    /// </summary>
    public void Doubt() => _doubted = true;

    /// <summary>
    /// Whom to ask what any node knows: the leader first, then the nodes in turn; none means all of them. The
    /// leader has its turn too: who described the group may be no member, and know of itself alone.
    /// </summary>
    public NodeId NodeToAsk(int attempt)
    {
        if (_nodes.Count == 0)
        {
            return attempt == 0 ? Leader : NodeId.None;
        }
        List<NodeId> turns =
            Leader.IsNone ? _nodes : [Leader, .. _nodes.Where(node => node != Leader)];
        return turns[attempt % turns.Count];
    }

    public void Drive(long now, List<ReplicaSend> sends)
    {
        if (now - _heardAt >= QuietMilliseconds)
        {
            _doubted = true;
        }
        IsSilent = !Leader.IsNone && now - _heardAt >= SilentMilliseconds;
        if (!IsAsking || now < NextDeadline)
        {
            return;
        }
        _describedAt = now;
        var requestId = $"d{++_describeNumber}";
        sends.Add(new(NodeId.None, new DescribeGroup { Group = group, RequestId = requestId }, requestId));
    }

    public long NextDeadline =>
        !IsAsking ? _heardAt + QuietMilliseconds
        : _describedAt is { } describedAt ? describedAt + DescribeMilliseconds
        : long.MinValue;

    private bool IsAsking => Leader.IsNone || _doubted;

    private void Adopt(NodeId leader, Term term)
    {
        if (leader == Leader && term == Term)
        {
            return;
        }
        Leader = leader;
        Term = term;
        Changes++;
    }
}

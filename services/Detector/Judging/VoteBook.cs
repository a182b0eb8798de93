using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Detector.Core;
using Muster.Detector.Machine;

namespace Muster.Detector.Judging;

/// <summary>
/// Compares what the judge holds with what the log shows, and tells which votes are due: each is repeated
/// until the machine shows it. A node that is alive is voted on once, when it is new, by who hears it first.
/// </summary>
/// <param name="detector">The name that the votes are cast in.</param>
/// <param name="incarnation">Of this detector: the votes are numbered from its start.</param>
/// <param name="patience">Microseconds to the repetition of a vote.</param>
public sealed class VoteBook(string detector, string incarnation, long patience)
{
    /// <summary>A vote is some hundred bytes, and one proposal takes many.</summary>
    public const int MostAtATime = 256;

    private readonly Dictionary<string, Page> _pages = new(StringComparer.Ordinal);
    private long _epoch;
    private long _number;

    /// <summary>The votes to propose now, at most <see cref="MostAtATime"/>.</summary>
    public IReadOnlyList<Vote> Due(Judge judge, VerdictView view, long now)
    {
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentNullException.ThrowIfNull(view);
        if (view.Freshness.Epoch != _epoch)
        {
            // Another life of the group knows nothing of what this one was told.
            _pages.Clear();
            _epoch = view.Freshness.Epoch;
        }
        var due = new List<Vote>();
        var firstWords = new List<(Page Page, Vote Vote)>();
        foreach (var node in judge.Nodes)
        {
            var record = view.Nodes.GetValueOrDefault(node.Node);
            var page = PageOf(node);
            if (record is null && node.Status == NodeStatus.Alive)
            {
                // Who is only waited for was heard by others, if by anybody. The first by name ask for the
                // places that there are, and the same with each detector: whoever else asked would find none.
                if (firstWords.Count < view.FreePlaces && node.Beats > 0)
                {
                    firstWords.Add((page, VoteOf(node)));
                }
            }
            else
            {
                var wanted = Wanted(page, node, record);
                judge.Tell(node, isTold: wanted is null);
                if (wanted is not null)
                {
                    Add(due, page, wanted, now);
                }
            }
        }
        // A whole fleet at once must not keep accusations waiting.
        foreach (var (page, vote) in firstWords)
        {
            Add(due, page, vote, now);
        }
        if (_pages.Count > judge.Nodes.Count)
        {
            foreach (var gone in _pages.Keys.Where(name => judge.Find(name) is null).ToList())
            {
                _pages.Remove(gone);
            }
        }
        return due;
    }

    /// <summary>Of two incarnations the judge's is the newer, by what it heard and the log shows.</summary>
    public static bool IsNewer(JudgedNode node, NodeRecord record)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(record);
        return !record.IsOver(node.Incarnation) && (record.HasEnded || node.Follows(record.Incarnation));
    }

    private void Add(List<Vote> due, Page page, Vote vote, long now)
    {
        if (due.Count < MostAtATime && page.IsDue(vote, now, patience))
        {
            due.Add(page.Propose(vote, now, ref _number));
        }
    }

    private Vote? Wanted(Page page, JudgedNode node, NodeRecord? record)
    {
        var held = (node.Status, node.Cause);
        if (record is null)
        {
            // What was shown and is gone was forgotten: old news must not be told twice.
            return page.Shown == held ? null : VoteOf(node);
        }
        if (record.Incarnation != node.Incarnation)
        {
            return IsNewer(node, record)
                ? VoteOf(node) with
                {
                    Follows = record.Incarnation,
                    FollowedCause = node.CauseOf(record.Incarnation),
                }
                : null;
        }
        if (record.Status != NodeStatus.Left && node.Beats > 0
            && node.IntervalMilliseconds > record.IntervalMilliseconds)
        {
            return VoteOf(node); // who waits by the record must wait so long
        }
        var mine = record.VoteOf(detector);
        if (mine is not null && (mine.Status, mine.Cause) == held)
        {
            page.Shown = held;
            return null;
        }
        if (record.Status == NodeStatus.Left)
        {
            page.Shown = held; // the others' votes said so, and it is forgotten one day
            return null;
        }
        return node.Status != NodeStatus.Alive || mine is { IsAgainst: true } || page.HasHeard(node, record)
            ? VoteOf(node)
            : null;
    }

    private Page PageOf(JudgedNode node)
    {
        if (!_pages.TryGetValue(node.Node, out var page) || page.Incarnation != node.Incarnation)
        {
            _pages[node.Node] = page = new Page(node.Incarnation);
        }
        return page;
    }

    private Vote VoteOf(JudgedNode node) => new()
    {
        Detector = detector,
        Node = node.Node,
        Incarnation = node.Incarnation,
        Status = node.Status,
        Cause = node.Cause,
        IntervalMilliseconds = node.IntervalMilliseconds,
        From = incarnation,
    };

    /// <summary>What is open about one incarnation of a node.</summary>
    private sealed class Page(string incarnation)
    {
        private Vote? _proposed;
        private long _proposedAt;
        private LogIndex _accusedAt;
        private long _beatsBefore;

        public string Incarnation => incarnation;

        /// <summary>This detector's newest vote that the machine showed.</summary>
        public (NodeStatus, FailureCause)? Shown { get; set; }

        public bool IsDue(Vote vote, long now, long patience) =>
            !IsProposed(vote) || now - _proposedAt >= patience;

        /// <summary>A repetition has the number of the first: it says nothing else.</summary>
        public Vote Propose(Vote vote, long now, ref long number)
        {
            _proposedAt = now;
            return IsProposed(vote) ? _proposed! : _proposed = vote with { Number = ++number };
        }

        private bool IsProposed(Vote vote) =>
            _proposed is { } proposed && vote with { Number = proposed.Number } == proposed;

        /// <summary>
        /// Whether a heartbeat came since this accusation was seen. To hold a node for alive merely because
        /// its silence is not long enough yet would be no word against one who waited longer.
        /// </summary>
        public bool HasHeard(JudgedNode node, NodeRecord record)
        {
            if (record.Status is not (NodeStatus.Suspected or NodeStatus.Failed))
            {
                return false;
            }
            if (_accusedAt != record.ChangedAt)
            {
                (_accusedAt, _beatsBefore) = (record.ChangedAt, node.Beats);
            }
            return node.Beats > _beatsBefore;
        }
    }
}

using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// The verdicts against the votes in the log, counted a second time: each is about the incarnation that is
/// the node, and has a majority of the configured detectors behind it; nobody is given up twice without being
/// restored, and an incarnation that was followed never comes back.
/// </summary>
internal sealed class DetectorChecks
{
    private static readonly int Majority = (DetectorReplica.Instances.Count / 2) + 1;

    private readonly Dictionary<string, Judged> _nodes = new(StringComparer.Ordinal);

    /// <summary>Nodes that were given up.</summary>
    public int Failures { get; private set; }

    public int Restorations { get; private set; }

    public void OnApplied(AppliedEntry entry, IReadOnlyList<DetectorEffect> effects)
    {
        IReadOnlyList<DetectorEntryCommand> commands =
            entry.Body.IsEmpty ? [] : DetectorEntryCodec.Read(entry.Body.Span).Commands;
        List<Vote> votes = [.. commands.Select(command => command.Vote).OfType<Vote>()
            .Where(vote => DetectorReplica.Instances.Contains(vote.Detector))];
        foreach (var vote in votes)
        {
            NodeOf(vote.Node, vote.Incarnation).Enter(vote, entry.Index);
        }
        foreach (var effect in effects)
        {
            if (effect is DetectorEffect.Delivery { Item.Event: { } one })
            {
                OnEvent(entry.Index, one, votes);
            }
        }
        foreach (var said in votes.GroupBy(vote => (vote.Node, vote.Incarnation, vote.Detector)))
        {
            NodeOf(said.Key.Node, said.Key.Incarnation).TakeBack(said);
        }
    }

    private void OnEvent(LogIndex index, DetectorEvent one, List<Vote> votes)
    {
        switch (one)
        {
            case { NodeSuspected: { } suspected }:
                OnSuspected(index, suspected);
                break;
            case { NodeFailed: { } failed }:
                OnFailed(index, failed, votes);
                break;
            case { NodeRestored: { } restored }:
                OnRestored(index, restored, votes);
                break;
            case { NodeLeft: { } left }:
                var node = Current(left.Node, left.Incarnation, NodeStatus.Left);
                Require(node.Has(left.Incarnation, NodeStatus.Left, index), left.Node, "left without a word");
                node.Become(NodeStatus.Left, index);
                break;
        }
    }

    private void OnSuspected(LogIndex index, NodeSuspected suspected)
    {
        var node = Current(suspected.Node, suspected.Incarnation, NodeStatus.Suspected);
        Require(node.Status == NodeStatus.Alive, suspected.Node, $"is suspected while it is {node.Status}");
        Require(
            node.IsAccusedBy(suspected.Incarnation, suspected.Detector), suspected.Node,
            $"is suspected by {suspected.Detector}, which did not say so");
        node.Become(NodeStatus.Suspected, index);
    }

    private void OnFailed(LogIndex index, NodeFailed failed, List<Vote> votes)
    {
        Failures++;
        var node = Current(failed.Node, failed.Incarnation, NodeStatus.Failed);
        Require(
            node.Status is NodeStatus.Alive or NodeStatus.Suspected, failed.Node,
            $"{failed.Incarnation} is given up while it is {node.Status}");
        // One detector's word is enough for an incarnation that another was heard to follow.
        var isFollowed = votes.Exists(vote => vote.Node == failed.Node && vote.Follows == failed.Incarnation
            && vote.Incarnation != failed.Incarnation && failed.Detectors is [var only]
            && only == vote.Detector);
        Require(
            isFollowed || node.Count(failed.Incarnation, NodeStatus.Failed, LogIndex.Zero) >= Majority,
            failed.Node, $"{failed.Incarnation} is given up without a majority of the detectors");
        node.Become(NodeStatus.Failed, index);
    }

    private void OnRestored(LogIndex index, NodeRestored restored, List<Vote> votes)
    {
        Restorations++;
        var node = NodeOf(restored.Node, restored.Incarnation);
        if (node.Incarnation != restored.Incarnation)
        {
            Require(
                node.Status is NodeStatus.Failed or NodeStatus.Left, restored.Node,
                $"{restored.Incarnation} takes the place of {node.Incarnation}, which is {node.Status}");
            Require(
                !node.Over.Contains(restored.Incarnation), restored.Node,
                $"{restored.Incarnation} comes back, and was followed by {node.Incarnation}");
            Require(
                votes.Exists(vote => (vote.Node, vote.Incarnation) == (restored.Node, restored.Incarnation)),
                restored.Node, $"{restored.Incarnation} takes the place of {node.Incarnation} unheard");
            node.Follow(restored.Incarnation);
        }
        else
        {
            Require(
                node.Status is NodeStatus.Failed or NodeStatus.Suspected, restored.Node,
                $"{restored.Incarnation} is restored while it is {node.Status}");
            Require(
                node.Count(restored.Incarnation, NodeStatus.Alive, node.ChangedAt) >= Majority, restored.Node,
                $"{restored.Incarnation} is restored, and no majority has heard it since");
        }
        node.Become(NodeStatus.Alive, index);
    }

    private Judged NodeOf(string node, string incarnation)
    {
        if (!_nodes.TryGetValue(node, out var judged))
        {
            _nodes[node] = judged = new Judged(incarnation);
        }
        return judged;
    }

    private Judged Current(string node, string incarnation, NodeStatus verdict)
    {
        var judged = NodeOf(node, incarnation);
        Require(judged.Incarnation == incarnation, node,
            $"{incarnation} is {verdict}, and the node is {judged.Incarnation}");
        return judged;
    }

    private static void Require(bool holds, string node, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure("verdicts", $"{node}: {what}");
        }
    }

    /// <summary>One node, as the log's words make it.</summary>
    private sealed class Judged(string incarnation)
    {
        /// <summary>Each detector's newest word on the incarnation that is the node.</summary>
        private readonly Dictionary<string, (string From, long Number)> _newest =
            new(StringComparer.Ordinal);

        public string Incarnation { get; private set; } = incarnation;

        public NodeStatus Status { get; private set; } = NodeStatus.Alive;

        public LogIndex ChangedAt { get; private set; }

        public HashSet<string> Over { get; } = new(StringComparer.Ordinal);

        /// <summary>When each detector said so last; what it took back since is not there.</summary>
        public Dictionary<(string Incarnation, string Detector, NodeStatus Status), LogIndex> Votes { get; } =
            [];

        public void Become(NodeStatus status, LogIndex index) => (Status, ChangedAt) = (status, index);

        public void Follow(string incarnation)
        {
            Over.Add(Incarnation);
            Incarnation = incarnation;
            _newest.Clear();
        }

        public bool Has(string incarnation, NodeStatus status, LogIndex since) =>
            Count(incarnation, status, since) > 0;

        public bool IsAccusedBy(string incarnation, string detector) =>
            Votes.ContainsKey((incarnation, detector, NodeStatus.Suspected))
            || Votes.ContainsKey((incarnation, detector, NodeStatus.Failed));

        public int Count(string incarnation, NodeStatus status, LogIndex since) =>
            DetectorReplica.Instances.Count(detector =>
                Votes.TryGetValue((incarnation, detector, status), out var at) && at >= since);

        /// <summary>A word that comes after a newer one of its detector's is none.</summary>
        public void Enter(Vote vote, LogIndex index)
        {
            if (IsNews(vote)) Votes[(vote.Incarnation, vote.Detector, vote.Status)] = index;
        }

        /// <summary>
        /// Of what a detector said in one entry only the last word stands afterwards; a late copy takes back
        /// nothing.
        /// </summary>
        public void TakeBack(IEnumerable<Vote> said)
        {
            Vote? newest = null;
            foreach (var vote in said)
            {
                newest = IsNews(vote) ? vote : newest;
            }
            if (newest is null)
            {
                return;
            }
            foreach (var status in Enum.GetValues<NodeStatus>())
            {
                if (status != newest.Status)
                {
                    Votes.Remove((newest.Incarnation, newest.Detector, status));
                }
            }
        }

        /// <summary>A detector that starts anew counts anew.</summary>
        private bool IsNews(Vote vote)
        {
            if (vote.Incarnation != Incarnation)
            {
                return true;
            }
            var newest = _newest.GetValueOrDefault(vote.Detector);
            if (newest.From == vote.From && vote.Number < newest.Number)
            {
                return false;
            }
            _newest[vote.Detector] = (vote.From, vote.Number);
            return true;
        }
    }
}

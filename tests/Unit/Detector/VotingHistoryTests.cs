using CsCheck;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Detector;

/// <summary>Random votes against a model that knows nothing but the rules' sentences.</summary>
public sealed class VotingHistoryTests
{
    private static readonly Gen<Vote> Votes = Gen.Select(
        Gen.Int[1, 4], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 9], Gen.Int[1, 3], Gen.Int[0, 3]).Select(
        (detector, node, incarnation, status, cause, follows) => new Vote
        {
            Detector = "d" + detector, // the fourth is none of the configured
            Node = "n" + node,
            Incarnation = "i" + (incarnation / 2),
            Status = StatusOf(status),
            Cause = StatusOf(status) is NodeStatus.Suspected or NodeStatus.Failed
                ? (FailureCause)cause
                : FailureCause.None,
            Follows = follows < 2 ? "i" + follows : "",
        });

    [Fact]
    public void The_machine_agrees_with_the_model_vote_by_vote() => Votes.Array[1, 80].Sample(votes =>
    {
        var script = new VotingScript();
        var model = new Model();
        foreach (var vote in votes)
        {
            var events = VotingScript.Texts(script.Apply(new DetectorEntryCommand { Vote = vote }))
                .Select(text => string.Join(' ', text.Split(' ')[1..3]));
            events.ShouldBe(model.Take(vote));
            foreach (var (node, status) in model.Statuses)
            {
                script.Of(node)!.Status.ShouldBe(status);
            }
        }
    });

    [Fact]
    public void Restoring_a_snapshot_at_every_index_changes_nothing() => Votes.Array[1, 40].Sample(votes =>
    {
        var script = new VotingScript();
        var copied = new DetectorMachine();
        copied.Restore(script.Machine.TakeSnapshot());
        foreach (var vote in votes)
        {
            var entry = script.Entry(new DetectorEntryCommand { Vote = vote });
            var next = new DetectorMachine();
            next.Restore(copied.TakeSnapshot());
            VotingScript.Texts(next.Apply(entry))
                .ShouldBe(VotingScript.Texts(script.Machine.Apply(entry)));
            next.Digest().ShouldBe(script.Machine.Digest());
            copied = next;
        }
    }, iter: 50);

    private static NodeStatus StatusOf(int draw) => draw switch
    {
        < 3 => NodeStatus.Alive,
        < 6 => NodeStatus.Suspected,
        < 9 => NodeStatus.Failed,
        _ => NodeStatus.Left,
    };

    private sealed class Model
    {
        private readonly Dictionary<string, Life> _lives = [];
        private readonly Dictionary<string, HashSet<string>> _over = [];

        public IEnumerable<(string Node, NodeStatus Status)> Statuses =>
            _lives.Select(life => (life.Key, life.Value.Status));

        public List<string> Take(Vote vote)
        {
            var events = new List<string>();
            var over = _over.TryGetValue(vote.Node, out var past) ? past : _over[vote.Node] = [];
            if (vote.Detector == "d4" || over.Contains(vote.Incarnation))
            {
                return events;
            }
            var life = _lives.GetValueOrDefault(vote.Node);
            if (life is null || life.Incarnation != vote.Incarnation)
            {
                if (life is { HasEnded: false } && vote.Follows != life.Incarnation)
                {
                    return events;
                }
                if (life is { HasEnded: false })
                {
                    events.Add($"failed {vote.Node}/{life.Incarnation}");
                }
                if (life is not null)
                {
                    events.Add($"restored {vote.Node}/{vote.Incarnation}");
                    over.Add(life.Incarnation);
                }
                _lives[vote.Node] = life = new Life { Incarnation = vote.Incarnation };
            }
            events.AddRange(life.Take(vote).Select(what => $"{what} {vote.Node}/{vote.Incarnation}"));
            return events;
        }
    }

    private sealed class Life
    {
        private readonly HashSet<string> _against = [];
        private readonly HashSet<string> _failing = [];
        private readonly HashSet<string> _heard = [];

        public required string Incarnation { get; init; }

        public NodeStatus Status { get; private set; }

        public bool HasEnded => Status is NodeStatus.Failed or NodeStatus.Left;

        public IEnumerable<string> Take(Vote vote)
        {
            var was = _against.Contains(vote.Detector);
            foreach (var set in new[] { _against, _failing, _heard })
            {
                set.Remove(vote.Detector);
            }
            (vote.Status == NodeStatus.Alive ? _heard : vote.Status == NodeStatus.Left ? [] : _against)
                .Add(vote.Detector);
            if (vote.Status == NodeStatus.Failed)
            {
                _failing.Add(vote.Detector);
            }
            if (Status == NodeStatus.Left)
            {
                yield break;
            }
            if (vote.Status == NodeStatus.Left)
            {
                Status = NodeStatus.Left;
                yield return "left";
                yield break;
            }
            if (Status == NodeStatus.Alive && !was && _against.Contains(vote.Detector))
            {
                Status = NodeStatus.Suspected;
                _heard.Clear();
                _against.RemoveWhere(detector => detector != vote.Detector);
                _failing.RemoveWhere(detector => detector != vote.Detector);
                yield return "suspected";
            }
            if (Status == NodeStatus.Suspected && _failing.Count >= 2)
            {
                Status = NodeStatus.Failed;
                _heard.Clear();
                yield return "failed";
            }
            else if (Status is NodeStatus.Suspected or NodeStatus.Failed && _heard.Count >= 2)
            {
                Status = NodeStatus.Alive;
                yield return "restored";
            }
        }
    }
}

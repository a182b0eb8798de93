using Muster.Contracts.Detector;

namespace Muster.Detector.Machine;

/// <summary>
/// Votes to verdicts. The first word for a node records it; the first accusation suspects; a majority of the
/// configured detectors fails, and a majority that heard the node after it was accused restores it. One
/// incarnation follows another that has ended, or that a detector heard it follow: it is given up then.
/// Late heartbeats of a former one are no such word, in whatever order they come.
/// </summary>
internal static class Verdicts
{
    private const int MostPast = 8;

    public static void Count(Step step, Vote vote)
    {
        var state = step.State;
        if (!vote.IsValid || state.Genesis?.Detectors.Contains(vote.Detector, StringComparer.Ordinal) != true
            || state.Outbox.Count >= state.Limits.MaxOutbox)
        {
            return;
        }
        if (RecordFor(step, vote) is { } record && !record.HasNewerThan(vote))
        {
            var with = With(record, vote);
            var judged = Judge(step, with, record, vote);
            state.Nodes.Set(judged with { Spent = SpentOf(judged, with) });
        }
    }

    /// <summary>The votes that a majority takes.</summary>
    public static int MajorityOf(int detectors) => (detectors / 2) + 1;

    /// <summary>Null: the vote changes nothing.</summary>
    private static NodeRecord? RecordFor(Step step, Vote vote)
    {
        var known = step.State.Nodes.Find(vote.Node);
        if (known?.Incarnation == vote.Incarnation)
        {
            return known;
        }
        if (known is not null)
        {
            var isNext = !known.IsOver(vote.Incarnation)
                && (known.HasEnded || known.Incarnation == vote.Follows);
            return isNext ? StartAnew(step, known, vote) : null;
        }
        return Forgetting.MakeRoom(step.State, vote.Status)
            ? Changed(step, new() { Node = vote.Node, Incarnation = vote.Incarnation }, NodeStatus.Alive)
            : null;
    }

    private static NodeRecord StartAnew(Step step, NodeRecord old, Vote vote)
    {
        if (!old.HasEnded)
        {
            var cause = vote.FollowedCause == FailureCause.None ? FailureCause.Path : vote.FollowedCause;
            old = Fail(step, old, cause, [vote.Detector]);
        }
        Restored(step, old with { Incarnation = vote.Incarnation }, old.Status);
        return Changed(
            step,
            new()
            {
                Node = old.Node,
                Incarnation = vote.Incarnation,
                Past = [.. old.Past.Append(old.Incarnation).TakeLast(MostPast)],
            },
            NodeStatus.Alive);
    }

    private static NodeRecord With(NodeRecord record, Vote vote) => record with
    {
        IntervalMilliseconds = Math.Max(record.IntervalMilliseconds, vote.IntervalMilliseconds),
        Votes =
        [
            .. record.Votes.Where(other => other.Detector != vote.Detector)
                .Append(new()
                {
                    Detector = vote.Detector,
                    Status = vote.Status,
                    Cause = vote.Cause,
                    Number = vote.Number,
                    From = vote.From,
                })
                .OrderBy(one => one.Detector, StringComparer.Ordinal),
        ],
    };

    /// <summary>What a changed status took away, and what others took away before.</summary>
    private static IReadOnlyList<HeldVote> SpentOf(NodeRecord judged, NodeRecord before) =>
    [
        .. before.Spent.Concat(before.Votes)
            .Where(one => one.Number > 0 && judged.VoteOf(one.Detector) is null)
            .OrderBy(one => one.Detector, StringComparer.Ordinal),
    ];

    private static NodeRecord Judge(Step step, NodeRecord record, NodeRecord before, Vote vote)
    {
        if (record.Status == NodeStatus.Left)
        {
            return record;
        }
        if (vote.Status == NodeStatus.Left)
        {
            return Leave(step, record);
        }
        var majority = MajorityOf(step.State.Genesis!.Detectors.Count);
        var isAccusation = vote.IsAgainst && before.VoteOf(vote.Detector) is not { IsAgainst: true };
        if (isAccusation && record.Status == NodeStatus.Alive)
        {
            record = Suspect(step, record, vote);
        }
        if (record.Status == NodeStatus.Suspected && record.Count(NodeStatus.Failed) >= majority)
        {
            return Fail(step, record, FailedOf(record, majority), [.. record.Votes
                .Where(one => one.Status == NodeStatus.Failed).Select(one => one.Detector)]);
        }
        if (record.Status is NodeStatus.Suspected or NodeStatus.Failed
            && record.Count(NodeStatus.Alive) >= majority)
        {
            Restored(step, record, record.Status);
            return Changed(step, record, NodeStatus.Alive);
        }
        return record.Status == NodeStatus.Suspected
            ? record with { Cause = MostNamed(record, NodeStatus.Suspected, NodeStatus.Failed) }
            : record;
    }

    /// <summary>
    /// By the word of this detector alone: who accused the node before it was last restored, and still does,
    /// says so again; who is gone since does not.
    /// </summary>
    private static NodeRecord Suspect(Step step, NodeRecord record, Vote vote)
    {
        step.Publish(id => new()
        {
            NodeSuspected = new()
            {
                Node = record.Node,
                Incarnation = record.Incarnation,
                Cause = vote.Cause,
                Detector = vote.Detector,
                Event = id,
            },
        });
        return Changed(step, record with { Votes = [record.VoteOf(vote.Detector)!] }, NodeStatus.Suspected);
    }

    private static NodeRecord Fail(
        Step step, NodeRecord record, FailureCause cause, IReadOnlyList<string> detectors)
    {
        step.Publish(id => new()
        {
            NodeFailed = new()
            {
                Node = record.Node,
                Incarnation = record.Incarnation,
                Cause = cause,
                Detectors = detectors,
                Event = id,
            },
        });
        return Changed(step, record, NodeStatus.Failed) with { Cause = cause };
    }

    private static NodeRecord Leave(Step step, NodeRecord record)
    {
        step.Publish(id => new()
        {
            NodeLeft = new() { Node = record.Node, Incarnation = record.Incarnation, Event = id },
        });
        return Changed(step, record, NodeStatus.Left);
    }

    private static void Restored(Step step, NodeRecord record, NodeStatus was) => step.Publish(id => new()
    {
        NodeRestored = new()
        {
            Node = record.Node,
            Incarnation = record.Incarnation,
            Was = was,
            Event = id,
        },
    });

    /// <summary>Getting worse, it needs to be heard again: earlier words for it are taken away.</summary>
    private static NodeRecord Changed(Step step, NodeRecord record, NodeStatus status) => record with
    {
        Status = status,
        Cause = FailureCause.None,
        Votes = status is NodeStatus.Suspected or NodeStatus.Failed
            ? [.. record.Votes.Where(one => one.Status != NodeStatus.Alive)]
            : record.Votes,
        ChangedAt = step.Index,
        ChangedTime = step.LogTime,
    };

    /// <summary>Locks pass on by the word that it is dead, so that takes a majority of its own.</summary>
    private static FailureCause FailedOf(NodeRecord record, int majority)
    {
        var cause = MostNamed(record, NodeStatus.Failed);
        var dead = record.Votes.Count(
            vote => vote is { Status: NodeStatus.Failed, Cause: FailureCause.Dead });
        return cause == FailureCause.Dead && dead < majority ? FailureCause.Path : cause;
    }

    /// <summary>The cause of most of these votes; of equals the first in the contract's order.</summary>
    private static FailureCause MostNamed(NodeRecord record, params ReadOnlySpan<NodeStatus> statuses)
    {
        var most = FailureCause.None;
        var mostVotes = 0;
        foreach (var cause in Enum.GetValues<FailureCause>())
        {
            var votes = 0;
            foreach (var vote in record.Votes)
            {
                votes += vote.Cause == cause && statuses.Contains(vote.Status) ? 1 : 0;
            }
            if (votes > mostVotes)
            {
                (most, mostVotes) = (cause, votes);
            }
        }
        return most;
    }
}

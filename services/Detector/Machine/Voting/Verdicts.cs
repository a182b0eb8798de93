using Muster.Contracts.Detector;

namespace Muster.Detector.Machine;

/// <summary>
/// Votes to verdicts. The first accusation suspects; a majority of the configured detectors fails, and a
/// majority that heard the node after it was accused restores it. A vote on a new incarnation ends the old
/// one: whoever cast it has heard a heartbeat of it.
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
        if (RecordFor(step, vote) is { } record)
        {
            state.Nodes = state.Nodes.SetItem(vote.Node, Judge(step, With(record, vote), record, vote));
        }
    }

    /// <summary>The votes that a majority takes.</summary>
    public static int MajorityOf(int detectors) => (detectors / 2) + 1;

    /// <summary>Null: the vote changes nothing.</summary>
    private static NodeRecord? RecordFor(Step step, Vote vote)
    {
        var known = step.State.Nodes.GetValueOrDefault(vote.Node);
        if (known?.Incarnation == vote.Incarnation)
        {
            return known;
        }
        if (known is not null)
        {
            return known.IsOver(vote.Incarnation) ? null : StartAnew(step, known, vote.Incarnation);
        }
        // Who was never accused needs no record.
        return vote.Status == NodeStatus.Alive || !Forgetting.MakeRoom(step.State)
            ? null
            : Changed(step, new() { Node = vote.Node, Incarnation = vote.Incarnation }, NodeStatus.Alive);
    }

    private static NodeRecord StartAnew(Step step, NodeRecord old, string incarnation)
    {
        if (old.Status is NodeStatus.Suspected or NodeStatus.Failed)
        {
            Restored(step, old with { Incarnation = incarnation }, old.Status);
        }
        return Changed(
            step,
            new()
            {
                Node = old.Node,
                Incarnation = incarnation,
                Past = [.. old.Past.Append(old.Incarnation).TakeLast(MostPast)],
            },
            NodeStatus.Alive);
    }

    private static NodeRecord With(NodeRecord record, Vote vote) => record with
    {
        Votes =
        [
            .. record.Votes.Where(other => other.Detector != vote.Detector)
                .Append(new() { Detector = vote.Detector, Status = vote.Status, Cause = vote.Cause })
                .OrderBy(one => one.Detector, StringComparer.Ordinal),
        ],
    };

    private static NodeRecord Judge(Step step, NodeRecord record, NodeRecord before, Vote vote)
    {
        if (record.Status == NodeStatus.Left)
        {
            return record;
        }
        if (vote.Status == NodeStatus.Left)
        {
            return Changed(step, record, NodeStatus.Left);
        }
        var majority = MajorityOf(step.State.Genesis!.Detectors.Count);
        var isAccusation = vote.IsAgainst && before.VoteOf(vote.Detector) is not { IsAgainst: true };
        if (isAccusation && record.Status == NodeStatus.Alive)
        {
            record = Suspect(step, record, vote);
        }
        if (record.Status == NodeStatus.Suspected && record.Count(NodeStatus.Failed) >= majority)
        {
            return Fail(step, record);
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
        return Changed(step, record, NodeStatus.Suspected);
    }

    private static NodeRecord Fail(Step step, NodeRecord record)
    {
        var cause = MostNamed(record, NodeStatus.Failed);
        step.Publish(id => new()
        {
            NodeFailed = new()
            {
                Node = record.Node,
                Incarnation = record.Incarnation,
                Cause = cause,
                Detectors = [.. record.Votes.Where(one => one.Status == NodeStatus.Failed)
                    .Select(one => one.Detector)],
                Event = id,
            },
        });
        return Changed(step, record, NodeStatus.Failed) with { Cause = cause };
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

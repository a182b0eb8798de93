using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// Linearizable reads (dissertation, section 6.4). Requests wait in a batch; a round fixes the commit index
/// and a mark in the request numbers, and is confirmed once a majority has answered requests sent after the
/// mark. One round at a time, so that a late answer to an older heartbeat can never confirm a newer question.
/// </summary>
internal sealed class ReadIndexRounds
{
    private List<ReadIndexReceived> waiting = [];
    private List<ReadIndexReceived> asked = [];
    private LogIndex index;
    private long mark;

    public int Count => waiting.Count + asked.Count;

    public bool WantsRound => waiting.Count > 0 && asked.Count == 0;

    public void Add(ReadIndexReceived request) => waiting.Add(request);

    public void Begin(LogIndex commitIndex, long lastRequestId)
    {
        (asked, waiting) = (waiting, []);
        (index, mark) = (commitIndex, lastRequestId);
    }

    /// <summary>Answers the round if a majority has answered something newer than its mark.</summary>
    public void Confirm(GroupIdentity identity, Term term, long majorityAnswered, StepOutput output)
    {
        if (asked.Count == 0 || majorityAnswered <= mark) return;
        foreach (var (from, request) in asked)
        {
            output.Reply(from, new ReadIndexFound
            {
                Group = identity.Group,
                RequestId = request.RequestId,
                Index = index,
                Term = term,
            });
        }

        asked = [];
    }

    public IEnumerable<ReadIndexReceived> TakeAll()
    {
        var all = asked.Concat(waiting).ToArray();
        (asked, waiting) = ([], []);
        return all;
    }
}

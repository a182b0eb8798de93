using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>One group's core and the inputs of its next step.</summary>
internal sealed class GroupRunner(string name, RaftCore core)
{
    private readonly List<RaftInput> _inputs = [];

    public string Name => name;

    public RaftCore Core => core;

    public bool HasInputs => _inputs.Count > 0;

    /// <summary>
    /// When to step without inputs; asked in each round of each group, and nothing but a step changes it.
    /// </summary>
    public long NextDeadline { get; private set; } = core.NextDeadline;

    public bool IsLeader => core.Role == RaftRole.Leader;

    public void Add(RaftInput input) => _inputs.Add(input);

    public bool IsDue(long now) => HasInputs || NextDeadline <= now;

    public RaftOutput Step(long now)
    {
        var output = core.Step(now, _inputs);
        _inputs.Clear();
        NextDeadline = core.NextDeadline;
        return output;
    }

    /// <summary>A refusal in this group's name, with whom the node takes for the leader.</summary>
    public ConsensusRefused Refusal(string requestId, ConsensusRefusal reason, string message) => new()
    {
        Group = name,
        RequestId = requestId,
        Reason = reason,
        Message = message,
        LeaderHint = core.Leader,
        Term = core.Term,
    };
}

using Muster.Contracts;

namespace Muster.Consensus.Core;

/// <summary>What a node knows of the leader it follows in its current term.</summary>
internal sealed class LeaderContact
{
    public NodeId Leader { get; private set; } = NodeId.None;

    /// <summary>The connection of the leader's last message.</summary>
    public string Incarnation { get; private set; } = "";

    public long HeardAt { get; private set; }

    /// <summary>Some leader was heard since the node was started, or it led itself.</summary>
    public bool HadLeader { get; private set; }

    public void Heard(NodeId leader, string incarnation, long now) =>
        (Leader, Incarnation, HeardAt, HadLeader) = (leader, incarnation, now, true);

    public void Led() => HadLeader = true;

    public void Forget() => (Leader, Incarnation) = (NodeId.None, "");

    public bool IsFresh(long now, long within) => !Leader.IsNone && now - HeardAt < within;
}

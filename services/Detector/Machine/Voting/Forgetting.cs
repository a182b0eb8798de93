using Muster.Contracts.Detector;

namespace Muster.Detector.Machine;

/// <summary>
/// What keeps the records few. By log time, not by machine time: that counts little between the rare entries
/// of this group, and forgetting is no reason for ticks.
/// </summary>
internal static class Forgetting
{
    private const long SweepMilliseconds = 3_600_000;

    /// <summary>Forgets who has been gone for long, now and then.</summary>
    public static void Sweep(DetectorState state, long logTime)
    {
        if (logTime - state.SweptTime < SweepMilliseconds)
        {
            return;
        }
        state.SweptTime = logTime;
        var oldest = logTime - state.Limits.ForgetAfterMilliseconds;
        state.Nodes = state.Nodes.RemoveRange(
            state.Nodes.Values.Where(node => node.HasEnded && node.ChangedTime <= oldest)
                .Select(node => node.Node).ToList());
    }

    /// <summary>Every place is taken by a node that lives: none is left for another one.</summary>
    public static bool IsFull(DetectorState state) =>
        state.Nodes.Count >= state.Limits.MaxNodes && !state.Nodes.Values.Any(node => node.HasEnded);

    /// <summary>
    /// For one that is alive, only those that ended make room: whoever lives asks for a place again. For one
    /// that is accused or leaves, all but the accused do.
    /// </summary>
    public static bool MakeRoom(DetectorState state, NodeStatus status)
    {
        if (state.Nodes.Count < state.Limits.MaxNodes)
        {
            return true;
        }
        // The first by name among the oldest, as the records are in that order.
        var oldest = OldestOf(state, node => node.HasEnded)
            ?? (status == NodeStatus.Alive
                ? null
                : OldestOf(state, node => node.Status == NodeStatus.Alive));
        if (oldest is null)
        {
            return false;
        }
        state.Nodes = state.Nodes.Remove(oldest.Node);
        return true;
    }

    private static NodeRecord? OldestOf(DetectorState state, Func<NodeRecord, bool> isOne) =>
        state.Nodes.Values.Where(isOne).MinBy(node => node.ChangedAt.Value);
}

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
        foreach (var gone in state.Nodes.ByName.Values
            .Where(node => node.HasEnded && node.ChangedTime <= oldest))
        {
            state.Nodes.Remove(gone.Node);
        }
    }

    /// <summary>Those that no node has, or that one has which ended.</summary>
    public static int FreePlaces(DetectorState state) =>
        Math.Max(0, state.Limits.MaxNodes - state.Nodes.Count + state.Nodes.EndedCount);

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
        var oldest = state.Nodes.LongestEnded
            ?? (status == NodeStatus.Alive ? null : state.Nodes.LongestAlive);
        if (oldest is null)
        {
            return false;
        }
        state.Nodes.Remove(oldest.Node);
        return true;
    }
}

using Muster.Contracts.Detector;

namespace Muster.Detector.Machine;

/// <summary>
/// What keeps the records few. By log time, not by machine time: that counts little between the rare entries
/// of this group, and forgetting is no reason for ticks.
/// </summary>
internal static class Forgetting
{
    private const long SweepMilliseconds = 3_600_000;

    /// <summary>Forgets what has not changed for long, now and then.</summary>
    public static void Sweep(DetectorState state, long logTime)
    {
        if (logTime - state.SweptTime < SweepMilliseconds)
        {
            return;
        }
        state.SweptTime = logTime;
        var oldest = logTime - state.Limits.ForgetAfterMilliseconds;
        state.Nodes = state.Nodes.RemoveRange(
            state.Nodes.Values.Where(node => IsForgettable(node) && node.ChangedTime <= oldest)
                .Select(node => node.Node).ToList());
    }

    /// <summary>False: every place is taken by a suspected node.</summary>
    public static bool MakeRoom(DetectorState state)
    {
        if (state.Nodes.Count < state.Limits.MaxNodes)
        {
            return true;
        }
        // The first by name among the oldest, as the records are in that order.
        if (state.Nodes.Values.Where(IsForgettable).MinBy(node => node.ChangedAt.Value) is not { } oldest)
        {
            return false;
        }
        state.Nodes = state.Nodes.Remove(oldest.Node);
        return true;
    }

    private static bool IsForgettable(NodeRecord node) => node.Status != NodeStatus.Suspected;
}

namespace Muster.Detector.Core;

/// <summary>
/// Finds the nodes of which most fell silent within one interval of each other, and whether the connections
/// of most were closed. Processes die one by one; it is brokers, switches and queues that fail many at once.
/// </summary>
internal sealed class MassSilence
{
    /// <summary>With fewer nodes "most" means two, and two may well die together.</summary>
    private const int FewestNodes = 3;

    private readonly List<JudgedNode> _overdue = [];

    /// <summary>The connections of most were closed lately, also of those that are back.</summary>
    public bool IsOfConnections { get; private set; }

    public void Mark(
        IEnumerable<JudgedNode> judged, Func<JudgedNode, bool> isOverdue,
        Func<JudgedNode, bool> wasClosedLately)
    {
        _overdue.Clear();
        var (count, closed) = (0, 0);
        var widest = 0L;
        foreach (var node in judged)
        {
            count++;
            node.IsInMassSilence = false;
            closed += wasClosedLately(node) ? 1 : 0;
            if (isOverdue(node))
            {
                _overdue.Add(node);
                widest = Math.Max(widest, node.History.Interval);
            }
        }
        IsOfConnections = count >= FewestNodes && closed * 2 > count;
        if (count >= FewestNodes && _overdue.Count * 2 > count)
        {
            // Half an interval more: heartbeats are not that punctual.
            MarkTogether(count / 2, widest + (widest / 2));
        }
    }

    /// <summary>Marks each that has more than <paramref name="most"/> within the width around it.</summary>
    private void MarkTogether(int most, long width)
    {
        _overdue.Sort((one, other) => one.History.Last.Heard.CompareTo(other.History.Last.Heard));
        var (first, marked) = (0, 0);
        for (var last = 0; last < _overdue.Count; last++)
        {
            while (_overdue[last].History.Last.Heard - _overdue[first].History.Last.Heard > width)
            {
                first++;
            }
            if (last - first + 1 > most)
            {
                for (marked = Math.Max(marked, first); marked <= last; marked++)
                {
                    _overdue[marked].IsInMassSilence = true;
                }
            }
        }
    }
}

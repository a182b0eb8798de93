namespace Muster.Testing;

/// <summary>
/// Where the events of a drawing stand from left to right: in their order, each as far left as the labels of
/// the bars that end there allow. Only events that are drawn take room.
/// </summary>
internal sealed class TimelineColumns
{
    public const int CharacterWidth = 7;

    /// <summary>A label's characters; the page's titles have all of it.</summary>
    private const int LongestLabel = 52;

    private const int Gap = 12;
    private const int Padding = 8;

    private readonly Dictionary<long, int> _places = [];

    private TimelineColumns(IEnumerable<Operation> operations, long end, Func<Operation, string> labelOf)
    {
        var starts = new Dictionary<long, Operation>();
        var ends = new Dictionary<long, Operation>();
        var after = new List<Operation>();
        foreach (var operation in operations)
        {
            starts[operation.InvokedAt] = operation;
            if (operation.CompletedAt <= end)
            {
                ends[operation.CompletedAt] = operation;
            }
            else
            {
                after.Add(operation);
            }
        }
        var next = 0;
        foreach (var place in starts.Keys.Concat(ends.Keys).Append(end).Distinct().Order())
        {
            if (ends.TryGetValue(place, out var operation))
            {
                next = Math.Max(next, _places[operation.InvokedAt] + RoomOf(labelOf(operation)));
            }
            _places[place] = next;
            next += Gap;
        }
        // What is open at the end goes on beyond it, to the drawing's edge.
        Width = after.Select(operation => _places[operation.InvokedAt] + RoomOf(labelOf(operation)))
            .Append(next + Gap).Max() + Padding;
    }

    public int Width { get; }

    public static TimelineColumns Of(
        IEnumerable<Operation> operations, long end, Func<Operation, string> labelOf) =>
        new(operations, end, labelOf);

    public static string Cut(string label) =>
        label.Length > LongestLabel ? label[..(LongestLabel - 1)] + "…" : label;

    public int Of(long place) => _places[place];

    /// <summary>As <see cref="Of(long)"/>; the edge for what ends beyond what is drawn.</summary>
    public int EndOf(long place) => _places.GetValueOrDefault(place, Width - Padding);

    private static int RoomOf(string label) => Cut(label).Length * CharacterWidth + Padding;
}

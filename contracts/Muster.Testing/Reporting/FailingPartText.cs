using System.Globalization;

namespace Muster.Testing;

/// <summary>
/// Writes a failing part as text: its operations with their places in the history, the place that each has in
/// the longest order, and the one that fits no further.
/// </summary>
public static class FailingPartText
{
    /// <summary>How many operations are written out: the last ones, which the failure is among.</summary>
    public const int MostOperations = 60;

    /// <summary>Writes the part, each line indented by two.</summary>
    public static void Write(TextWriter writer, FailingPart part)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(part);
        var invariant = CultureInfo.InvariantCulture;
        var blocked = part.Blocked;
        writer.Write(string.Create(invariant,
            $"  {OperationText.Key(part.Key)}, {part.Model.Name}: no order explains its first "
            + $"{part.Operations.Count} operations, up to line {blocked.CompletedAt}\n"));
        var shown = new OrderedOperations(part, MostOperations);
        if (shown.LeftOut > 0)
        {
            writer.Write(string.Create(invariant,
                $"  {shown.LeftOut} operations before these are not shown\n"));
        }
        List<string[]> rows = [["place", "process", "call", "outcome", "lines"]];
        rows.AddRange(shown.Operations.Select(operation => new[]
        {
            operation == blocked ? "stuck" : shown.PlaceOf(operation)?.ToString(invariant) ?? "-",
            operation.Process.ToString(invariant),
            OperationText.Call(operation),
            OperationText.Answer(operation),
            OperationText.Interval(operation),
        }));
        WriteTable(writer, rows);
        writer.Write(string.Create(invariant,
            $"  the longest order ends at place {part.Order.Count} with: {part.State}\n"));
        writer.Write($"  process {blocked.Process.ToString(invariant)}'s {OperationText.Call(blocked)}, "
            + $"{OperationText.Answer(blocked)}, fits nowhere\n");
    }

    private static void WriteTable(TextWriter writer, List<string[]> rows)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => cell.PadRight(widths[column]));
            writer.Write($"    {string.Join("  ", cells).TrimEnd()}\n");
        }
    }
}

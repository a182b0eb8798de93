using System.Globalization;
using System.Net;

namespace Muster.Testing;

/// <summary>
/// Draws a failing part as one HTML page without scripts: a row for each process, a bar for each operation
/// from its invocation to its completion, with its place in the longest order, and the one that fits nowhere
/// in red. Bars stand by the order of events, which is what is judged, not by the clock.
/// </summary>
public static class TimelineHtml
{
    /// <summary>How many operations are drawn: the last ones, which the failure is among.</summary>
    public const int MostOperations = 1_000;

    private const int Column = 36;
    private const int Row = 34;
    private const int Bar = 24;
    private const int Left = 90;
    private const int Top = 10;
    private const int CharacterWidth = 7;

    private const string Style = """
        body { font: 14px system-ui, sans-serif; margin: 24px; color: #222 }
        .scroll { overflow-x: auto; border: 1px solid #ddd }
        text { font: 11px ui-monospace, monospace }
        rect { fill: #cfe3f7; stroke: #4a7fb5 }
        .unknown rect { fill: #eee; stroke: #999; stroke-dasharray: 4 3 }
        .later rect { fill: #fdf3d0; stroke: #c9a227 } .stuck rect { fill: #f7c6c6; stroke: #b3261e }
        line { stroke: #e5e5e5 } .end { stroke: #b3261e; stroke-dasharray: 2 3 }
        """;

    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter writer, FailingPart part)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(part);
        var shown = new OrderedOperations(part, MostOperations);
        var key = Text(OperationText.Key(part.Key));
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{key}: not linearizable</title>
            <style>{Style}</style></head><body>
            <h1>{key} is not linearizable as {Text(part.Model.Name)}</h1>
            <p>No order explains the first {part.Operations.Count} operations, up to line
            {part.Blocked.CompletedAt}. The longest order has {part.Order.Count} of them and ends with:
            <b>{Text(part.State)}</b>. Blue: in that order, at the place #. Red: fits nowhere. Yellow: not in
            the order. Grey: of unknown outcome, may take effect at any later time or never.</p>
            <p>Earlier operations that are not drawn: {shown.LeftOut}.</p>
            <div class="scroll">

            """));
        WriteDrawing(writer, part, shown);
        writer.Write("</div></body></html>\n");
    }

    private static void WriteDrawing(TextWriter writer, FailingPart part, OrderedOperations shown)
    {
        var end = part.Blocked.CompletedAt;
        // Only events that are drawn take room.
        var columns = shown.Operations
            .SelectMany(operation => new[] { operation.InvokedAt, Math.Min(operation.CompletedAt, end) })
            .Distinct().Order()
            .Select((place, column) => (place, column))
            .ToDictionary(pair => pair.place, pair => pair.column);
        var lanes = TimelineLanes.Of(shown.Operations);
        var width = Left + Column * (columns.Count + 1);
        var height = Top + Row * lanes.Count;
        var invariant = CultureInfo.InvariantCulture;
        writer.Write(string.Create(invariant,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\">\n"));
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var y = Top + Row * lane;
            writer.Write(string.Create(invariant,
                $"<line x1=\"0\" y1=\"{y + Bar + 4}\" x2=\"{width}\" y2=\"{y + Bar + 4}\"/>"
                + $"<text x=\"4\" y=\"{y + 16}\">process {lanes[lane].Process}</text>\n"));
            foreach (var operation in lanes[lane].Operations)
            {
                var left = Left + Column * columns[operation.InvokedAt];
                var right = operation.CompletedAt > end
                    ? width - 4
                    : Left + Column * columns[operation.CompletedAt];
                WriteBar(writer, part, shown, operation, left, right - left, y);
            }
        }
        var stop = Left + Column * columns[end];
        writer.Write(string.Create(invariant,
            $"<line class=\"end\" x1=\"{stop}\" y1=\"0\" x2=\"{stop}\" y2=\"{height}\"/></svg>\n"));
    }

    private static void WriteBar(
        TextWriter writer, FailingPart part, OrderedOperations shown, Operation operation, int left,
        int width, int top)
    {
        var place = shown.PlaceOf(operation);
        var look = ReferenceEquals(operation, part.Blocked) ? "stuck"
            : operation.Outcome == Outcome.Unknown ? "unknown"
            : place is null ? "later"
            : "placed";
        var label = (place is null ? "" : $"#{place} ") + OperationText.Call(operation)
            + (operation.Outcome == Outcome.Ok ? $" → {OperationText.Answer(operation)}" : "");
        var room = Math.Max(1, (width - 6) / CharacterWidth);
        var cut = label.Length > room ? label[..Math.Max(0, room - 1)] + "…" : label;
        var title = $"{label}, process {operation.Process}, lines {OperationText.Interval(operation)}";
        writer.Write(string.Create(CultureInfo.InvariantCulture,
            $"<g class=\"{look}\"><title>{Text(title)}</title>"
            + $"<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{Bar}\" rx=\"3\"/>"
            + $"<text x=\"{left + 4}\" y=\"{top + 16}\">{Text(cut)}</text></g>\n"));
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

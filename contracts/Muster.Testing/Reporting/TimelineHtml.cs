using System.Globalization;
using System.Net;

namespace Muster.Testing;

/// <summary>
/// Draws a failing part as one HTML page without scripts: a row for each process, a bar for each operation
/// from its invocation to its completion, with its place in the longest order, and the one that fits nowhere
/// in red. Bars stand by the order of events, which is what is judged, not by the clock; the page opens at
/// the last of them, where the failure is.
/// </summary>
public static class TimelineHtml
{
    /// <summary>How many operations are drawn: the last ones, which the failure is among.</summary>
    public const int MostOperations = 1_000;

    private const int Row = 34;
    private const int Bar = 24;
    private const int Top = 10;
    private const int Left = 8;
    private const int LineTop = 16;

    // The names of the processes stand still. What scrolls is laid out from the right, since a page without
    // scripts can be opened at its end in no other way.
    private const string Style = """
        body { font: 14px system-ui, sans-serif; margin: 24px; color: #222 }
        h1 { font-size: 22px } p { max-width: 900px; line-height: 1.4 }
        .drawing { display: flex; border: 1px solid #ddd }
        .drawing svg { display: block; flex: none; direction: ltr; margin-right: auto }
        .names { flex: none; border-right: 1px solid #ddd } .names text { fill: #555 }
        .scroll { flex: auto; min-width: 0; overflow-x: auto; direction: rtl }
        text { font: 11px ui-monospace, monospace }
        rect { fill: #cfe3f7; stroke: #4a7fb5 }
        .unknown rect { fill: #eee; stroke: #999; stroke-dasharray: 4 3 }
        .later rect { fill: #fdf3d0; stroke: #c9a227 }
        .stuck rect { fill: #f7c6c6; stroke: #b3261e } .stuck text { font-weight: bold }
        line { stroke: #e5e5e5 } .end { stroke: #b3261e; stroke-dasharray: 2 3 }
        .legend { max-width: none; line-height: 2 }
        .legend span { padding: 2px 6px; border: 1px solid; border-radius: 3px; white-space: nowrap }
        .legend .placed { background: #cfe3f7; border-color: #4a7fb5 }
        .legend .stuck { background: #f7c6c6; border-color: #b3261e }
        .legend .later { background: #fdf3d0; border-color: #c9a227 }
        .legend .unknown { background: #eee; border: 1px dashed #999 }
        """;

    /// <summary>Writes the page.</summary>
    public static void Write(TextWriter writer, FailingPart part)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(part);
        var shown = new OrderedOperations(part, MostOperations);
        var key = Text(OperationText.Key(part.Key));
        var leftOut = shown.LeftOut == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"<p>Earlier operations that are not drawn: {shown.LeftOut}.</p>");
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{key}: not linearizable</title>
            <style>{Style}</style></head><body>
            <h1>{key} is not linearizable as {Text(part.Model.Name)}</h1>
            <p>No order explains the first {part.Operations.Count} operations, up to line
            {part.Blocked.CompletedAt}. The longest order has {part.Order.Count} of them and ends with:
            <b>{Text(part.State)}</b>.</p>
            <p class="legend"><span class="placed">in that order, at the place #</span>
            <span class="stuck">fits nowhere</span> <span class="later">not in the order</span>
            <span class="unknown">of unknown outcome: may take effect later, or never</span></p>
            {leftOut}
            <div class="drawing">

            """));
        WriteDrawing(writer, part, shown);
        writer.Write("</div></body></html>\n");
    }

    private static void WriteDrawing(TextWriter writer, FailingPart part, OrderedOperations shown)
    {
        var end = part.Blocked.CompletedAt;
        var lanes = TimelineLanes.Of(shown.Operations);
        var places = TimelineColumns.Of(shown.Operations, end, operation => Label(shown, operation));
        var (width, height) = (Left + places.Width, Top + Row * lanes.Count);
        WriteNames(writer, lanes, height);
        var invariant = CultureInfo.InvariantCulture;
        writer.Write(string.Create(invariant,
            $"<div class=\"scroll\"><svg width=\"{width}\" height=\"{height}\">\n"));
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var y = Top + Row * lane;
            writer.Write(string.Create(invariant,
                $"<line x1=\"0\" y1=\"{y + Bar + 4}\" x2=\"{width}\" y2=\"{y + Bar + 4}\"/>\n"));
            foreach (var operation in lanes[lane].Operations)
            {
                var (left, right) = (places.Of(operation.InvokedAt), places.EndOf(operation.CompletedAt));
                WriteBar(writer, part, shown, operation, Left + left, right - left, y);
            }
        }
        var stop = Left + places.Of(end);
        writer.Write(string.Create(invariant,
            $"<line class=\"end\" x1=\"{stop}\" y1=\"0\" x2=\"{stop}\" y2=\"{height}\"/></svg></div>\n"));
    }

    private static void WriteNames(TextWriter writer, IReadOnlyList<TimelineLane> lanes, int height)
    {
        var names = lanes.Select(lane => string.Create(
            CultureInfo.InvariantCulture, $"process {lane.Process}")).ToList();
        var width = 12 + names.Max(name => name.Length) * TimelineColumns.CharacterWidth;
        writer.Write(string.Create(CultureInfo.InvariantCulture,
            $"<div class=\"names\"><svg width=\"{width}\" height=\"{height}\">"));
        for (var lane = 0; lane < names.Count; lane++)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture,
                $"<text x=\"6\" y=\"{Top + Row * lane + LineTop}\">{names[lane]}</text>"));
        }
        writer.Write("</svg></div>\n");
    }

    private static void WriteBar(
        TextWriter writer, FailingPart part, OrderedOperations shown, Operation operation, int left,
        int width, int top)
    {
        var look = ReferenceEquals(operation, part.Blocked) ? "stuck"
            : operation.Outcome == Outcome.Unknown ? "unknown"
            : shown.PlaceOf(operation) is null ? "later"
            : "placed";
        var label = Label(shown, operation);
        var cut = TimelineColumns.Cut(label);
        var title = $"{label}, process {operation.Process}, lines {OperationText.Interval(operation)}";
        writer.Write(string.Create(CultureInfo.InvariantCulture,
            $"<g class=\"{look}\"><title>{Text(title)}</title>"
            + $"<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{Bar}\" rx=\"3\"/>"
            + $"<text x=\"{left + 4}\" y=\"{top + LineTop}\">{Text(cut)}</text></g>\n"));
    }

    private static string Label(OrderedOperations shown, Operation operation) =>
        (shown.PlaceOf(operation) is { } place
            ? string.Create(CultureInfo.InvariantCulture, $"#{place} ")
            : "")
        + OperationText.Call(operation)
        + (operation.Outcome == Outcome.Ok ? $" → {OperationText.Answer(operation)}" : "");

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

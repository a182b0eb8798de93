using Spectre.Console;

namespace Muster.Host.Demo.Watching;

/// <summary>Prints what happens as it happens, with the time since the start. Thread-safe.</summary>
public sealed class Timeline(IAnsiConsole console, TimeProvider time)
{
    private readonly System.Threading.Lock _gate = new();
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    public void Add(string who, string what, bool isFault = false)
    {
        lock (_gate)
        {
            var colour = isFault ? "red" : "default";
            console.MarkupLineInterpolated(
                $"[grey]{Elapsed.TotalSeconds,7:F3} s[/]  [blue]{who,-12}[/] [{colour}]{what}[/]");
        }
    }

    public void Print(Audit audit)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("audit", "value", "");
        foreach (var line in audit.Lines)
        {
            table.AddRow(new Text(line.Name), new Text(line.Value), new Text(line.IsOk ? "ok" : "FAILED"));
        }
        lock (_gate)
        {
            console.Write(table);
            console.MarkupLine(audit.Passed ? "[green]The audit passed.[/]" : "[red]The audit FAILED.[/]");
        }
    }
}

using System.Globalization;
using Muster.Load.Floors;
using Muster.Load.Measuring;
using Spectre.Console;

namespace Muster.Load.Reporting;

/// <summary>The report for people.</summary>
internal static class ReportTable
{
    public static void Print(Report report, IAnsiConsole console)
    {
        console.WriteLine();
        PrintFacts(report, console);
        if (report.Rows.Count > 0)
        {
            console.Write(Rates(report));
        }
        if (report.Faults.Count > 0)
        {
            console.Write(Faults(report));
        }
        foreach (var note in Notes(report))
        {
            console.WriteLine("- " + note);
        }
    }

    private static void PrintFacts(Report report, IAnsiConsole console)
    {
        var facts = report.Facts;
        console.WriteLine($"{facts.StartedAt}: {facts.Processors} x {facts.Processor}, {facts.System}, "
            + $"{facts.Framework}, load average before {facts.LoadBefore}");
        console.WriteLine($"{facts.Broker}; {facts.Cluster}");
        if (facts.Redis is { } redis)
        {
            console.WriteLine(redis);
        }
    }

    private static Table Rates(Report report)
    {
        var table = new Table().Border(TableBorder.Markdown);
        table.AddColumn("measured");
        foreach (var column in new[]
        {
            "at a time", "/s", "p50 ms", "p99 ms", "p99.9 ms", "count", "refused", "unknown",
            "cores tool / services / rest",
        })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }
        table.AddColumn("against the floors");
        foreach (var row in report.Rows)
        {
            var measured = row.Measured;
            table.AddRow(
                Markup.Escape($"{row.Section}: {row.Name}"), AtATime(row), Number(measured.PerSecond),
                Time(measured.P50), Time(measured.P99), Time(measured.P999), Number(measured.Count),
                Number(measured.Refused), Number(measured.Unknown),
                Shares(measured.Cores),
                string.Join("; ", row.Against.Select(against => Ratio(report, row, against))));
        }
        return table;
    }

    private static Table Faults(Report report)
    {
        var table = new Table().Border(TableBorder.Markdown);
        table.AddColumn("measured");
        foreach (var column in new[] { "times", "least ms", "median ms", "greatest ms" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }
        table.AddColumn("all, in their order");
        foreach (var fault in report.Faults)
        {
            table.AddRow(
                Markup.Escape(fault.Name), Number(fault.Milliseconds.Count), Number(fault.Least),
                Number(fault.Median), Number(fault.Greatest),
                string.Join(' ', fault.Milliseconds.Select(Number)));
        }
        return table;
    }

    private static IEnumerable<string> Notes(Report report)
    {
        if (report.Rows.Count > 0)
        {
            yield return Invariant($"Windows of {report.Facts.WindowSeconds} s, floors half of it (1 s at ")
                + "least); before each a quarter of it (0.5 s to 5 s) of warm-up that counts for nothing.";
            yield return "Ratios are to the mean of a floor's passes: p50 = this row's median time over the "
                + "floor's, rate = this row's rate over the floor's.";
            yield return "Rest: what the tool and its services did not use, which is the broker when it runs "
                + "on this machine, the kernel, and whatever disturbs.";
        }
        foreach (var floor in FloorId.All)
        {
            if (report.Spread(floor) is { } spread)
            {
                yield return Invariant($"{floor.Name}, {floor.InFlight} at a time: from its slowest pass to ")
                    + Invariant($"its fastest {spread:P0} of the mean rate.");
            }
        }
        foreach (var note in report.Notes)
        {
            yield return note;
        }
        foreach (var row in report.Rows.Where(row => row.Measured.FirstProblem is not null))
        {
            yield return $"{row.Section}: {row.Name}: the first not done: {row.Measured.FirstProblem}";
        }
    }

    private static string AtATime(Row row) =>
        row.InFlight is { } inFlight ? Number(inFlight)
        : row.OfferedPerSecond is { } offered ? Invariant($"at {offered:N0} /s")
        : "";

    private static string Ratio(Report report, Row row, Comparison against)
    {
        if (report.Ratio(row, against) is not { } ratio)
        {
            return "";
        }
        return against.Measure == Measure.P50
            ? Invariant($"p50 {ratio:F1} x {against.Floor.Short}")
            : Invariant($"rate {ratio:F2} x {against.Floor.Short}");
    }

    private static string Number(double value) =>
        Math.Abs(value) < 100 && value != Math.Floor(value)
            ? Invariant($"{value:F1}")
            : Invariant($"{value:N0}");

    private static string Time(double? milliseconds) => milliseconds switch
    {
        null => "-",
        < 0.01 => Invariant($"{milliseconds.Value:F6}"),
        < 10 => Invariant($"{milliseconds.Value:F3}"),
        < 100 => Invariant($"{milliseconds.Value:F2}"),
        _ => Invariant($"{milliseconds.Value:F0}"),
    };

    private static string Shares(Cores cores) => string.Join(
        " / ",
        new[] { cores.Tool, cores.Services, cores.Rest }
            .Select(share => share is null ? "-" : Invariant($"{share.Value:F2}")));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Load.Reporting;

/// <summary>The report for programs.</summary>
internal static class ReportFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Before anything is measured: a path that cannot be written must not cost the run.</summary>
    public static void EnsureWritable(FileInfo file)
    {
        try
        {
            Directory.CreateDirectory(file.DirectoryName!);
            using (File.Open(file.FullName, FileMode.OpenOrCreate, FileAccess.Write))
            {
                // Only that it can be opened is asked.
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"--json {file}: {refused.Message}", refused);
        }
    }

    public static void Write(Report report, FileInfo file) =>
        File.WriteAllText(file.FullName, JsonSerializer.Serialize(Shape(report), Options) + "\n");

    private static object Shape(Report report) => new
    {
        report.Facts,
        report.BrokenOff,
        Rows = report.Rows.Select(row => new
        {
            row.Section,
            row.Name,
            row.InFlight,
            row.OfferedPerSecond,
            row.Measured.Seconds,
            row.Measured.Count,
            row.Measured.PerSecond,
            P50Milliseconds = row.Measured.P50,
            P99Milliseconds = row.Measured.P99,
            P999Milliseconds = row.Measured.P999,
            row.Measured.Refused,
            row.Measured.Unknown,
            row.Measured.FirstProblem,
            row.Measured.Cores,
            Floor = row.Floor?.Key,
            Against = row.Against.Select(against => new
            {
                Floor = against.Floor.Key,
                Measure = against.Measure.ToString(),
                Ratio = report.Ratio(row, against),
            }),
        }),
        Faults = report.Faults.Select(fault => new
        {
            fault.Name,
            LeastMilliseconds = fault.Least,
            MedianMilliseconds = fault.Median,
            GreatestMilliseconds = fault.Greatest,
            fault.Milliseconds,
        }),
        report.Notes,
    };
}

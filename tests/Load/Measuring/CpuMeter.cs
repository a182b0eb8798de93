using System.Globalization;

namespace Muster.Load.Measuring;

/// <summary>
/// Processor time of this process and those that load with it, of the services it started, and of the whole
/// machine, from /proc.
/// </summary>
internal sealed class CpuMeter(Func<IEnumerable<int>> services, Func<IEnumerable<int>>? tools = null)
{
    /// <summary>Jiffies, which are hundredths of a second on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private const string MachineStatistics = "/proc/stat";

    public CpuReading Read()
    {
        var tool = Environment.CpuUsage.TotalTime.TotalSeconds;
        return File.Exists(MachineStatistics)
            ? new(tool + (tools?.Invoke().Sum(OfProcess) ?? 0), services().Sum(OfProcess), OfMachine())
            : new(tool, null, null);
    }

    /// <summary>Processor seconds of a process so far; 0 when it has ended.</summary>
    public static double OfProcess(int processId)
    {
        var path = $"/proc/{processId}/stat";
        if (!File.Exists(path))
        {
            return 0; // ended
        }
        var text = File.ReadAllText(path);
        // The name, in parentheses, may hold anything; the fields after it are counted from the state on.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (Ticks(fields[11]) + Ticks(fields[12])) / TicksPerSecond;
    }

    private static double OfMachine()
    {
        var fields = File.ReadLines(MachineStatistics).First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        const int Idle = 3;
        const int InputOutputWait = 4;
        const int LastBusy = 7;
        return Enumerable.Range(0, LastBusy + 1)
            .Where(field => field is not (Idle or InputOutputWait))
            .Sum(field => Ticks(fields[field])) / TicksPerSecond;
    }

    private static long Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}

/// <summary>Processor seconds so far.</summary>
internal sealed record CpuReading(double Tool, double? Services, double? Machine)
{
    public Cores Until(CpuReading later, TimeSpan window)
    {
        var tool = (later.Tool - Tool) / window.TotalSeconds;
        var services = (later.Services - Services) / window.TotalSeconds;
        var machine = (later.Machine - Machine) / window.TotalSeconds;
        var rest = machine - tool - services;
        return new(tool, services, rest is null ? null : Math.Max(0, rest.Value));
    }
}

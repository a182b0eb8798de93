using System.Globalization;

namespace Muster.Broker;

/// <summary>
/// Where tests keep logs, data and the ids of the processes they start. <c>tests/run</c> names it in
/// MUSTER_TEST_SCRATCH, ends what is still registered there, and removes it unless a test failed.
/// </summary>
public static class Scratch
{
    private static readonly Lock Gate = new();
    private static int _numbers;

    public static string Root { get; } =
        Environment.GetEnvironmentVariable("MUSTER_TEST_SCRATCH")
        ?? Path.Combine(Path.GetTempPath(), $"muster-tests-{Environment.ProcessId}");

    /// <summary>A new empty folder with this word in its name.</summary>
    public static string NewFolder(string name)
    {
        var number = Interlocked.Increment(ref _numbers);
        var folder = Path.Combine(Root, $"{name}-{Environment.ProcessId}-{number}");
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>Notes a running process, so that it is ended even when this one is killed.</summary>
    internal static void Register(int processId, string command)
    {
        lock (Gate)
        {
            Directory.CreateDirectory(Path.Combine(Root, "pids"));
            File.WriteAllText(PidFile(processId), command);
        }
    }

    internal static void Unregister(int processId) => File.Delete(PidFile(processId));

    private static string PidFile(int processId) =>
        Path.Combine(Root, "pids", processId.ToString(CultureInfo.InvariantCulture));
}

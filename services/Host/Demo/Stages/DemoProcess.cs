using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Muster.Host.Demo.Stages;

/// <summary>A child process of the demo; ends with it.</summary>
public sealed partial class DemoProcess : IDisposable
{
    private const int SignalStop = 19;
    private const int SignalContinue = 18;
    private const int KeptLines = 50;

    private readonly Process _process;
    private readonly Queue<string> _last = new();

    private DemoProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines it wrote, for when it fails.</summary>
    public string Tail
    {
        get
        {
            lock (_last)
            {
                return string.Join(Environment.NewLine, _last);
            }
        }
    }

    /// <summary>Runs one of the assemblies beside this one with the same runtime.</summary>
    public static DemoProcess Start(
        string name, string assembly, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string> environment, Action<string>? onLine = null)
    {
        var runtime = Environment.ProcessPath is { } path && path.EndsWith("dotnet", StringComparison.Ordinal)
            ? path
            : "dotnet";
        var start = new ProcessStartInfo(runtime)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }
        var process = new Process { StartInfo = start };
        var child = new DemoProcess(name, process);
        process.OutputDataReceived += (_, line) => child.Read(line.Data, onLine);
        process.ErrorDataReceived += (_, line) => child.Read(line.Data, null);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>SIGKILL: the process gets no chance to say goodbye.</summary>
    public void Kill() => _process.Kill();

    public void Pause() => Signal(SignalStop);

    public void Resume() => Signal(SignalContinue);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    private void Read(string? line, Action<string>? onLine)
    {
        if (line is null)
        {
            return;
        }
        lock (_last)
        {
            _last.Enqueue(line);
            if (_last.Count > KeptLines)
            {
                _last.Dequeue();
            }
        }
        onLine?.Invoke(line);
    }

    private void Signal(int signal)
    {
        if (SendSignal(_process.Id, signal) != 0)
        {
            throw new DemoException(
                $"Signal {signal} could not be sent to {Name}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}

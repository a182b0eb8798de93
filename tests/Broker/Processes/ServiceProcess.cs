using System.Diagnostics;

namespace Muster.Broker;

/// <summary>
/// A real process under test, with its output kept; it can be killed, paused and stopped, and never outlives
/// its test.
/// </summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>What <see cref="ExitAsync"/> gives of a process that SIGKILL ended.</summary>
    public const int KilledExitCode = 128 + 9;

    private const int TailLines = 40;
    private static readonly TimeSpan HealthPause = TimeSpan.FromMilliseconds(50);

    private readonly ServiceProcessOptions _options;
    private readonly Process _process;
    private readonly OutputLog _output;
    private readonly Task _ended;

    private ServiceProcess(ServiceProcessOptions options)
    {
        _options = options;
        var folder = Scratch.NewFolder(options.Name);
        _output = new OutputLog(Path.Combine(folder, "output.log"));
        _process = new Process { StartInfo = StartInfo(options, folder) };
        _process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
        _process.Start();
        Id = _process.Id;
        Scratch.Register(Id, $"{options.FileName} {string.Join(' ', options.Arguments)}");
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ended = WatchAsync();
    }

    public int Id { get; }

    public string Name => _options.Name;

    public bool HasExited => _process.HasExited;

    /// <summary>Done when the process and its output have ended.</summary>
    public Task Ended => _ended;

    /// <summary>
    /// Lines printed so far: what <see cref="WaitForLineAsync(string, TimeSpan, long)"/> takes as
    /// <c>after</c>.
    /// </summary>
    public long LineCount => _output.Count;

    /// <summary>Everything the process printed.</summary>
    public string LogPath => _output.Path;

    public static ServiceProcess Start(ServiceProcessOptions options) => new(options);

    /// <summary>The latest lines printed.</summary>
    public string Output() => string.Join('\n', _output.Last(int.MaxValue));

    /// <summary>
    /// The first line with this text, printed already or within the timeout; throws with the output's end
    /// otherwise.
    /// </summary>
    public Task<string> WaitForLineAsync(string text, TimeSpan timeout, long after = 0) =>
        WaitForLineAsync(
            line => line.Contains(text, StringComparison.Ordinal), $"no line with '{text}'", timeout, after);

    public async Task<string> WaitForLineAsync(
        Func<string, bool> matches, string otherwise, TimeSpan timeout, long after = 0)
    {
        try
        {
            return await _output.FindAsync(matches, after).WaitAsync(timeout, TimeProvider.System);
        }
        catch (OperationCanceledException)
        {
            throw Failure($"{otherwise}: it exited with {_process.ExitCode}");
        }
        catch (TimeoutException)
        {
            throw Failure($"{otherwise} within {timeout}");
        }
    }

    /// <summary>Asks a health address until it answers 200.</summary>
    public async Task WaitForHealthAsync(Uri address, TimeSpan timeout)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var started = TimeProvider.System.GetTimestamp();
        var last = "";
        while (TimeProvider.System.GetElapsedTime(started) < timeout && !HasExited)
        {
            try
            {
                using var response = await client.GetAsync(address);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
                last = $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                last = exception.Message;
            }
            await Task.Delay(HealthPause, TimeProvider.System);
        }
        throw Failure($"{address} not healthy within {timeout}, at last: {last}");
    }

    /// <summary>SIGKILL: the process gets no chance to say goodbye.</summary>
    public void Kill9() => _process.Kill();

    /// <summary>SIGSTOP; returns when the process stands still.</summary>
    public void Pause()
    {
        Signals.Stop(Id);
        SpinWait.SpinUntil(() => IsStopped(Id), TimeSpan.FromSeconds(1));
    }

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signals.Continue(Id);

    /// <summary>SIGTERM, and the exit code; past the timeout the process is killed and this throws.</summary>
    public Task<int> StopAsync(TimeSpan timeout)
    {
        Signals.Terminate(Id);
        Signals.Continue(Id);
        return ExitAsync(timeout);
    }

    /// <summary>
    /// Waits for the end of the process and of its output; past the timeout the process is killed and this
    /// throws.
    /// </summary>
    public async Task<int> ExitAsync(TimeSpan timeout)
    {
        try
        {
            await _ended.WaitAsync(timeout, TimeProvider.System);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            throw Failure($"still ran after {timeout}");
        }
    }

    /// <summary>An exception that names the process and shows the end of its output.</summary>
    public InvalidOperationException Failure(string what) =>
        new($"{Name} (process {Id}): {what}.\n{LogPath}:\n  {string.Join("\n  ", _output.Last(TailLines))}");

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _ended;
        _output.Dispose();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(ServiceProcessOptions options, string folder)
    {
        var info = new ProcessStartInfo(options.FileName, options.Arguments)
        {
            WorkingDirectory = options.WorkingDirectory ?? folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in options.Environment)
        {
            info.Environment[name] = value;
        }
        return info;
    }

    private static bool IsStopped(int processId)
    {
        var status = $"/proc/{processId}/stat";
        if (!File.Exists(status))
        {
            return true; // gone, or a system without /proc
        }
        var text = File.ReadAllText(status);
        return text[(text.LastIndexOf(')') + 2)..].StartsWith('T');
    }

    private async Task WatchAsync()
    {
        await _process.WaitForExitAsync();
        Scratch.Unregister(Id);
        _output.End();
    }
}

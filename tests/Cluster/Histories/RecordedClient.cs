using System.Globalization;
using Muster.Broker;
using Muster.Worker;

namespace Muster.Cluster.Histories;

/// <summary>
/// A client that is recorded: a process behind a wire of its own, which may be killed, and is then another
/// one under the same name.
/// </summary>
internal sealed class RecordedClient(
    MusterCluster cluster, string name, string folder, string ledger, string prefix) : IAsyncDisposable
{
    private const string Project = "tests/Worker/Muster.Worker.csproj";
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(3);

    /// <summary>A call's patience, an acquire's, and a paused broker's.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    private readonly CuttableProxy _wire = CuttableProxy.Start(cluster.Broker.Uri);
    private readonly List<string> _files = [];
    private ServiceProcess? _process;

    /// <summary>What its processes have recorded, a file each.</summary>
    public IReadOnlyList<string> Files => _files;

    public CuttableProxy Wire => _wire;

    public ServiceProcess Process => _process!;

    /// <param name="firstProcess">Of its workers in the history.</param>
    /// <param name="seed">Of what they choose.</param>
    public async Task StartAsync(int firstProcess, int seed)
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        _files.Add(Path.Combine(
            folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{_files.Count + 1}.jsonl")));
        var settings = new HistorySettings(
            name, _wire.Uri, cluster.Name, ledger, _files[^1], prefix, firstProcess, seed, Ttl);
        _process = ServiceProcess.Start(ServiceProcessOptions.Service(Project, name, settings.ToArguments()));
    }

    public Task ConnectedAsync() =>
        Process.WaitForLineAsync(HistorySettings.Connected, MusterCluster.Patience);

    public async Task KillAsync()
    {
        Process.Kill9();
        await Process.Ended;
    }

    /// <summary>Ends what it has begun, and the process.</summary>
    /// <exception cref="InvalidOperationException">It ended otherwise, or did not end.</exception>
    public async Task EndAsync()
    {
        if (await Process.StopAsync(EndPatience) is not 0 and var code)
        {
            throw Process.Failure($"it ended with {code}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        await _wire.DisposeAsync();
    }
}

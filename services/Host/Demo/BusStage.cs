using System.Text.Json;

namespace Muster.Host.Demo;

/// <summary>
/// The stage of real processes over RabbitMQ: three consensus nodes, two lock replicas, the workers.
/// </summary>
public sealed class BusStage : IDemoStage, IDisposable
{
    public const int LockReplicas = 2;

    private readonly Dictionary<string, DemoProcess> _processes = new(StringComparer.Ordinal);
    private readonly string _data;
    private readonly Dictionary<string, string> _bus;

    public BusStage(Uri bus, string cluster, string data)
    {
        _data = data;
        _bus = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Bus__Uri"] = bus.ToString(),
            ["Bus__Cluster"] = cluster,
            ["Logging__LogLevel__Default"] = "Warning",
        };
    }

    public static IReadOnlyList<string> Nodes { get; } = ["n1", "n2", "n3"];

    public bool IsOnBus => true;

    /// <summary>Starts the services; they find each other over the bus in any order.</summary>
    public void StartServices()
    {
        foreach (var node in Nodes)
        {
            Start(node, "Muster.Consensus.dll", [], new()
            {
                ["Consensus__Node"] = node,
                ["Consensus__ClusterId"] = _bus["Bus__Cluster"],
                ["Consensus__Members__0"] = Nodes[0],
                ["Consensus__Members__1"] = Nodes[1],
                ["Consensus__Members__2"] = Nodes[2],
                ["Consensus__Bootstrap"] = "true",
                ["Consensus__DataFolder"] = Path.Combine(_data, node),
            });
        }
        for (var i = 1; i <= LockReplicas; i++)
        {
            Start($"lock-{i}", "Muster.Lock.dll", [], new()
            {
                ["Lock__Replica"] = $"lock-{i}",
                ["Lock__ClusterId"] = _bus["Bus__Cluster"],
            });
        }
    }

    public void StartWorker(WorkerArguments arguments, Action<WorkerReport> report) =>
        Start(arguments.Name, "Muster.Host.dll", arguments.ToArguments(), [], line =>
        {
            if (line.StartsWith('{'))
            {
                report(JsonSerializer.Deserialize<WorkerReport>(line)!);
            }
        });

    public void Kill(string worker) => _processes[worker].Kill();

    public void Pause(string worker) => _processes[worker].Pause();

    public void Resume(string worker) => _processes[worker].Resume();

    public bool KillConsensusNode(string node)
    {
        _processes[node].Kill();
        return true;
    }

    /// <summary>What the processes wrote last, by name.</summary>
    public IEnumerable<(string Name, bool HasExited, string Tail)> Outputs() =>
        _processes.Values.Select(process => (process.Name, process.HasExited, process.Tail));

    public void Dispose()
    {
        foreach (var process in _processes.Values)
        {
            process.Dispose();
        }
    }

    private void Start(
        string name, string assembly, IEnumerable<string> arguments, Dictionary<string, string> environment,
        Action<string>? onLine = null)
    {
        foreach (var (key, value) in _bus)
        {
            environment[key] = value;
        }
        _processes[name] = DemoProcess.Start(name, assembly, arguments, environment, onLine);
    }
}

/// <summary>The command line of a worker process.</summary>
public sealed record WorkerArguments(
    string Name, Uri Bus, string Cluster, string Folder, string Ledger, int StartAt, int DawdleOn)
{
    public IEnumerable<string> ToArguments() =>
    [
        "worker", "--name", Name, "--bus", Bus.ToString(), "--cluster", Cluster, "--folder", Folder,
        "--ledger", Ledger, "--start-at", $"{StartAt}", "--dawdle-on", $"{DawdleOn}",
    ];
}

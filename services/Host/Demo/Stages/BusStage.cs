using System.Text.Json;
using Muster.Host.Demo.Team;

namespace Muster.Host.Demo.Stages;

/// <summary>
/// The stage of real processes over RabbitMQ: the workers, and every service unless those are there already.
/// </summary>
public sealed class BusStage : IDemoStage, IDisposable
{
    private readonly Dictionary<string, DemoProcess> _processes = new(StringComparer.Ordinal);
    private readonly string _data;
    private readonly Dictionary<string, string> _bus;

    private readonly string? _redis;

    public BusStage(Uri bus, string cluster, string? redis, string data)
    {
        _data = data;
        _redis = redis;
        _bus = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Bus__Uri"] = bus.ToString(),
            ["Bus__Cluster"] = cluster,
            ["Logging__LogLevel__Default"] = "Warning",
        };
    }

    public static IReadOnlyList<string> Nodes { get; } = ["n1", "n2", "n3"];

    public bool HasNodes { get; private set; }

    /// <summary>Starts the services; they find each other over the bus in any order.</summary>
    public void StartServices()
    {
        HasNodes = true;
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
        foreach (var service in new[] { "Lock", "Registry", "Recovery" })
        {
            StartReplicas(service);
        }
        StartDetectors();
    }

    private void StartReplicas(string service)
    {
        foreach (var replica in new[] { "a", "b" })
        {
            Dictionary<string, string> settings = new()
            {
                [$"{service}__Replica"] = replica,
                [$"{service}__ClusterId"] = _bus["Bus__Cluster"],
            };
            if (service == "Registry" && _redis is not null)
            {
                settings["Redis__Connection"] = _redis;
            }
            if (service == "Recovery")
            {
                settings["Recovery__BackupFolder"] = Path.Combine(_data, "backups");
            }
            Start($"{service}-{replica}", $"Muster.{service}.dll", [], settings);
        }
    }

    private void StartDetectors()
    {
        string[] instances = ["d1", "d2", "d3"];
        foreach (var instance in instances)
        {
            Start(instance, "Muster.Detector.dll", [], new()
            {
                ["Detector__Instance"] = instance,
                ["Detector__Instances__0"] = instances[0],
                ["Detector__Instances__1"] = instances[1],
                ["Detector__Instances__2"] = instances[2],
                ["Detector__ClusterId"] = _bus["Bus__Cluster"],
            });
        }
    }

    public void StartWorker(WorkerArguments arguments, Action<WorkerReport> report) =>
        Start(arguments.Name, "Muster.Host.dll", arguments.ToCommandLine(), [], line =>
        {
            if (line.StartsWith('{'))
            {
                report(JsonSerializer.Deserialize<WorkerReport>(line)!);
            }
        });

    public void Kill(string worker) => _processes[worker].Kill();

    public void Pause(string worker) => _processes[worker].Pause();

    public void Resume(string worker) => _processes[worker].Resume();

    public void KillConsensusNode(string node) => _processes[node].Kill();

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

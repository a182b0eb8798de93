using System.CommandLine;
using Muster.Load.Histories;
using Muster.Load.Locking;
using Muster.Load.Workloads;

namespace Muster.Load;

/// <summary>The tool's command line.</summary>
internal sealed class LoadCommands
{
    private const int LongestSeconds = 3600;

    private readonly Option<Uri?> _bus = new("--bus")
    {
        Description = "amqp://user:password@host:port/vhost. Without it: the broker that "
            + "MUSTER_TEST_RABBITMQ names, else one in Docker, else the distribution's.",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[^1].Value, UriKind.Absolute, out var uri)
                && uri.Scheme is "amqp" or "amqps" && uri.Host.Length > 0)
            {
                return uri;
            }
            result.AddError("--bus takes amqp://user:password@host:port/vhost, or amqps.");
            return null;
        },
    };

    private readonly Option<string?> _cluster = new("--cluster")
    {
        Description = "A cluster that runs on that broker already. Without it: services are started for "
            + "the run.",
    };

    private readonly Option<string?> _redis = new("--redis")
    {
        Description = "StackExchange.Redis' configuration string; with --cluster that of the cluster's "
            + "registry. Without it: the Redis that MUSTER_TEST_REDIS names, else one in Docker, else the "
            + "distribution's, else none, and its rows are left out.",
    };

    private readonly Option<int> _seconds = new("--seconds")
    {
        Description = $"Length of each measured window, 1 to {LongestSeconds}; floors take half of it.",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<FileInfo?> _json = new("--json")
    {
        Description = "Also write all numbers to this file.",
    };

    public LoadCommands() => _seconds.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is < 1 or > LongestSeconds)
        {
            result.AddError($"--seconds takes 1 to {LongestSeconds}.");
        }
    });

    public RootCommand Create()
    {
        var root = new RootCommand(
            "Measures Muster over RabbitMQ with real processes, beside what it stands on: the broker's own "
            + "round trip, MassTransit's, Redis' own, and a synced commit.");
        foreach (var workload in WorkloadList.All.Concat(WorkloadList.Long))
        {
            root.Add(NewCommand(workload.Name, workload.Description, [workload]));
        }
        root.Add(NewCommand(
            "all", "All but what goes on for minutes, one after the other.", WorkloadList.All));
        root.Add(new HistoriesCommand().Create());
        root.Add(LockChild.NewCommand());
        return root;
    }

    private Command NewCommand(string name, string description, IReadOnlyList<IWorkload> workloads)
    {
        var command = new Command(name, description) { _bus, _cluster, _seconds, _json };
        if (workloads.Any(workload => workload.NeedsRegistry))
        {
            command.Add(_redis);
        }
        foreach (var option in workloads.SelectMany(workload => workload.Options))
        {
            command.Add(option);
        }
        command.SetAction((arguments, cancellation) =>
            LoadConsole.RunAsync(Settings(arguments, command), arguments, workloads, cancellation));
        return command;
    }

    private LoadSettings Settings(ParseResult arguments, Command command) => new()
    {
        Bus = arguments.GetValue(_bus),
        Cluster = arguments.GetValue(_cluster),
        Redis = command.Options.Contains(_redis) ? arguments.GetValue(_redis) : null,
        Window = TimeSpan.FromSeconds(arguments.GetValue(_seconds)),
        Json = arguments.GetValue(_json),
    };
}

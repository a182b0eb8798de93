using System.CommandLine;
using Muster.Bus;
using Muster.Host.Demo;
using Muster.Host.Demo.Team;
using Muster.Host.Embedded;
using Muster.Hosting;
using Spectre.Console;

namespace Muster.Host;

/// <summary>The host's command line.</summary>
public static class HostCommands
{
    /// <summary>
    /// After Ctrl-C or SIGTERM there is time to stop in order; without a value here the process would end
    /// after 2 s, in the middle of it.
    /// </summary>
    public static InvocationConfiguration Invocation => new()
    {
        ProcessTerminationTimeout = EmbeddedHost.ShutdownTimeout + TimeSpan.FromSeconds(10),
    };

    public static RootCommand Create(string[] arguments)
    {
        var data = new Option<string>("--data")
        {
            Description = "The folder that keeps the cluster's files.",
            DefaultValueFactory = _ => "muster-data",
        };
        var root = new RootCommand(
            "Muster: coordination over the bus you have. Without a command: every service in this process.")
        {
            data, CreateDemo(), CreateWorker(),
        };
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction((result, cancellation) =>
            RunCommand.RunAsync(result.GetValue(data)!, [.. result.UnmatchedTokens], cancellation));
        return root;
    }

    private static Command CreateDemo()
    {
        var folder = new Argument<string?>("FOLDER")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The folder whose files are counted; by default the repository's own.",
        };
        var bus = BusOption(
            "amqp://user:password@host:port/vhost: real processes over this RabbitMQ. "
            + "Without it: one process.");
        var redis = RedisOption();
        var attach = new Option<bool>("--attach")
        {
            Description =
                "Use the services of the default cluster that run on --bus, instead of starting some.",
        };
        var demo = new Command(
            "demo",
            "Workers share the files of a folder while the demo kills and pauses them; then an audit.")
        {
            folder, bus, redis, attach,
        };
        demo.Validators.Add(result =>
        {
            if (result.GetValue(bus) is null
                && (result.GetValue(attach) || result.GetValue(redis) is not null))
            {
                result.AddError("--attach and --redis need --bus.");
            }
        });
        demo.SetAction((result, cancellation) => Foreign(result) ?? DemoCommand.RunAsync(
            new DemoRequest(
                result.GetValue(folder), result.GetValue(bus), result.GetValue(redis),
                result.GetValue(attach)),
            cancellation));
        return demo;
    }

    private static Command CreateWorker()
    {
        var name = new Option<string>("--name") { Required = true };
        var bus = BusOption("The broker.");
        bus.Required = true;
        var cluster = new Option<string>("--cluster") { DefaultValueFactory = _ => BusNames.DefaultCluster };
        var folder = new Option<string>("--folder") { Required = true };
        var ledger = new Option<string>("--ledger") { Required = true };
        var run = new Option<string>("--run") { Required = true };
        var teamSize = new Option<int>("--team-size") { Required = true };
        var redis = RedisOption();
        var worker = new Command("worker", "One worker process of the demo.")
        {
            name, bus, cluster, folder, ledger, run, teamSize, redis,
        };
        worker.Hidden = true; // Started by the demo.
        worker.SetAction((result, cancellation) => Foreign(result) ?? WorkerCommand.RunAsync(
            new WorkerArguments
            {
                Name = result.GetValue(name)!,
                Bus = result.GetValue(bus),
                Cluster = result.GetValue(cluster)!,
                Folder = result.GetValue(folder)!,
                Ledger = result.GetValue(ledger)!,
                Run = result.GetValue(run)!,
                TeamSize = result.GetValue(teamSize),
                Redis = result.GetValue(redis),
            },
            cancellation));
        return worker;
    }

    /// <summary>
    /// Only the host itself, without a command, takes settings; with one the rest is a mistake.
    /// </summary>
    private static Task<int>? Foreign(ParseResult result)
    {
        if (result.UnmatchedTokens is not [var first, ..]) return null;
        AnsiConsole.MarkupLineInterpolated(
            $"[red]'{first}' is nothing for {result.CommandResult.Command.Name}.[/]");
        return Task.FromResult(ProcessExit.Refused);
    }

    private static Option<string?> RedisOption() => new("--redis")
    {
        Description = "HOST:PORT of the Redis that keeps the services' views. Without it: none.",
    };

    private static Option<Uri?> BusOption(string description) => new("--bus")
    {
        Description = description,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[^1].Value, UriKind.Absolute, out var uri)
                && uri.Scheme is "amqp" or "amqps")
            {
                return uri;
            }
            result.AddError("--bus takes amqp://user:password@host:port/vhost, or amqps.");
            return null;
        },
    };
}

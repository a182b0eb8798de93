using System.CommandLine;
using Muster.Bus;
using Muster.Host.Demo;
using Muster.Host.Embedded;

namespace Muster.Host;

/// <summary>The host's command line.</summary>
public static class HostCommands
{
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
        var demo = new Command(
            "demo",
            "Workers share the files of a folder while the demo kills and pauses them; then an audit.")
        {
            folder, bus,
        };
        demo.SetAction((result, cancellation) =>
            DemoCommand.RunAsync(result.GetValue(folder), result.GetValue(bus), cancellation));
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
        var startAt = new Option<int>("--start-at");
        var dawdleOn = new Option<int>("--dawdle-on");
        var worker = new Command("worker", "One worker process of the demo.")
        {
            name, bus, cluster, folder, ledger, startAt, dawdleOn,
        };
        worker.Hidden = true; // Started by the demo.
        worker.SetAction((result, cancellation) => WorkerCommand.RunAsync(
            new WorkerArguments(
                result.GetValue(name)!, result.GetValue(bus)!, result.GetValue(cluster)!,
                result.GetValue(folder)!, result.GetValue(ledger)!, result.GetValue(startAt),
                result.GetValue(dawdleOn)),
            cancellation));
        return worker;
    }

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

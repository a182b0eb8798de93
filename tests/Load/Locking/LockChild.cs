using System.CommandLine;
using System.Globalization;
using Muster.Load.Measuring;
using Muster.Load.Reporting;
using Muster.Load.Stage;
using Spectre.Console;

namespace Muster.Load.Locking;

/// <summary>What a child is told on its command line, in this order.</summary>
internal sealed record LockChildSettings(
    Uri Bus, string Cluster, string Prefix, int Workers, int Names, int Sessions, string File)
{
    public const string Command = "locks-child";

    public string[] ToArguments() =>
    [
        Command, Bus.OriginalString, Cluster, Prefix, Text(Workers), Text(Names), Text(Sessions), File,
    ];

    public static LockChildSettings Parse(string[] arguments) => arguments is
        [var bus, var cluster, var prefix, var workers, var names, var sessions, var file]
        ? new(new Uri(bus), cluster, prefix, Number(workers), Number(names), Number(sessions), file)
        : throw new ArgumentException($"usage: {Command} BUS CLUSTER PREFIX WORKERS NAMES SESSIONS FILE");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One of <see cref="LockProcesses"/>: works until SIGTERM, and writes down its cycles.</summary>
internal static class LockChild
{
    /// <summary>Cycles until its code is compiled: the parent's warm-up begins then.</summary>
    private const int WarmUp = 50;

    public static Command NewCommand()
    {
        var arguments = new Argument<string[]>("settings") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(LockChildSettings.Command) { arguments };
        command.Hidden = true;
        command.SetAction((parsed, stop) =>
            RunAsync(LockChildSettings.Parse(parsed.GetValue(arguments) ?? []), stop));
        return command;
    }

    private static async Task<int> RunAsync(LockChildSettings settings, CancellationToken stop)
    {
        await using var broker = await LoadBroker.OpenAsync(
            settings.Bus, new PlainLine(AnsiConsole.Console));
        await using var cluster = LoadCluster.Running(broker, settings.Cluster);
        await using var log = new CycleFile(settings.File);
        var shape = new LockShape("child", settings.Workers, settings.Names, settings.Sessions);
        await using var load = await LockLoad.ConnectAsync(cluster, shape, settings.Prefix, log, stop);
        await load.RunAsync(stop);
        return 0;
    }

    private sealed class CycleFile(string path) : ICycleLog, IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private readonly StreamWriter _writer = new(path);
        private int _count;

        public void Add(LockCycle cycle)
        {
            lock (_gate)
            {
                _writer.WriteLine(cycle.ToLine());
                if (++_count == WarmUp)
                {
                    Console.Out.WriteLine(LockProcesses.Started);
                }
            }
        }

        public ValueTask DisposeAsync() => _writer.DisposeAsync();
    }
}

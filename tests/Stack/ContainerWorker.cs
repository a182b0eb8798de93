using System.Globalization;
using System.Net;
using Muster.Broker;
using Muster.Worker;

namespace Muster.Stack.Tests;

/// <summary>What a worker printed, and when, by the clock of the one machine that runs all containers: the
/// moments compare as text.</summary>
internal sealed record TimedLine(string At, WorkerLine Line);

/// <summary>
/// A client of the stack in a container of its own on the stack's network, which can be cut off: a <see
/// cref="Worker"/> that takes one lock round after round and writes to a ledger that all of them share.
/// </summary>
internal sealed class ContainerWorker : IAsyncDisposable
{
    public const string LedgerFolder = "/ledger";
    private const string Image = "mcr.microsoft.com/dotnet/aspnet:10.0";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly string _network;
    private readonly string _id;

    private ContainerWorker(string network, string id) => (_network, _id) = (network, id);

    /// <param name="compose">The stack.</param>
    /// <param name="folder">Of the ledger, on this machine.</param>
    /// <param name="settings">Its names are as a container sees them.</param>
    public static async Task<ContainerWorker> StartAsync(
        Compose compose, string folder, WorkerSettings settings)
    {
        var program = RepositoryRoot.Combine(
            "tests", "Worker", "bin", RepositoryRoot.Configuration, "net10.0");
        var id = await Docker.AskAsync(
        [
            "run", "-d", "--network", compose.Network, "--user", "0",
            "--label", $"muster.tests.host={Dns.GetHostName().Split('.')[0]}",
            "--label",
            $"muster.tests.process={Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}",
            "-v", $"{program}:/worker:ro", "-v", $"{folder}:{LedgerFolder}",
            Image, "dotnet", "/worker/Muster.Worker.dll", .. settings.ToArguments(),
        ]);
        return new(compose.Network, id.Trim());
    }

    public Task CutOffAsync() => Docker.AskAsync("network", "disconnect", _network, _id);

    public Task HealAsync() => Docker.AskAsync("network", "connect", _network, _id);

    /// <summary>Everything it has printed of this act.</summary>
    public async Task<IReadOnlyList<TimedLine>> LinesAsync(WorkerAct act) =>
    [
        .. from line in (await Docker.AskAsync("logs", "--timestamps", _id)).Split('\n')
           let parts = line.Split(' ', 2)
           where parts.Length == 2
           let said = WorkerLine.TryParse(parts[1])
           where said?.Act == act
           select new TimedLine(parts[0], said),
    ];

    /// <summary>The first line of the act, within the time.</summary>
    public async Task<TimedLine> FirstAsync(WorkerAct act, TimeSpan timeout)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await LinesAsync(act) is [var line, ..])
            {
                return line;
            }
            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                var (_, said) = await Docker.RunAsync(["sh", "-c", $"docker logs {_id} 2>&1"]);
                throw new TimeoutException($"No line of {act} within {timeout}:\n{said}");
            }
            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync() => await Docker.AskAsync("rm", "-f", "-v", _id);
}

using System.Globalization;
using Muster.Broker;
using Muster.Load.Measuring;
using Muster.Load.Stage;
using Muster.Load.Workloads;

namespace Muster.Load.Locking;

/// <summary>
/// The same by processes of their own: this tool once more, each with its share of the workers and sessions.
/// They write down each cycle, and it is counted here when they have ended.
/// </summary>
internal sealed class LockProcesses : ILockLoad
{
    /// <summary>What a child prints once its workers have done their first cycles.</summary>
    public const string Started = "its workers work";

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    private readonly List<(ServiceProcess Process, string File)> _children = [];
    private readonly Tally _acquire = new(LockCycle.AcquireTally);
    private readonly Tally _cycle = new(LockCycle.CycleTally);

    private LockProcesses()
    {
    }

    public IReadOnlyList<Tally> Tallies => [_acquire, _cycle];

    public GrantBook Grants { get; } = new();

    public IEnumerable<int> ProcessIds => _children.Select(child => child.Process.Id);

    public static async Task<LockProcesses> StartAsync(
        LoadContext context, LockShape shape, string prefix)
    {
        var load = new LockProcesses();
        try
        {
            for (var process = 0; process < shape.Processes; process++)
            {
                load.Start(context, shape, prefix, process);
            }
            await Task.WhenAll(load._children.Select(child =>
                child.Process.WaitForLineAsync(Started, LoadCluster.Patience)));
            return load;
        }
        catch (InvalidOperationException notStarted)
        {
            await load.DisposeAsync();
            throw new LoadException(notStarted.Message, notStarted);
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        Task ended = Task.WhenAny(_children.Select(child => child.Process.Ended));
        await ended.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (process, file) in _children)
        {
            if (await process.StopAsync(EndPatience) is not 0 and var code)
            {
                throw new LoadException(process.Failure($"it ended with {code}").Message);
            }
            foreach (var line in File.ReadLines(file))
            {
                LockCycle.Parse(line).CountIn(_acquire, _cycle, Grants);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (process, _) in _children)
        {
            await process.DisposeAsync();
        }
    }

    private void Start(LoadContext context, LockShape shape, string prefix, int number)
    {
        var file = Path.Combine(Scratch.NewFolder("cycles"), "cycles.tsv");
        var settings = new LockChildSettings(
            context.Broker.Uri, context.Cluster.Name, prefix, Share(shape.Workers), shape.Names,
            Share(shape.Sessions), file);
        _children.Add((ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = "locks-" + number.ToString(CultureInfo.InvariantCulture),
            FileName = "dotnet",
            Arguments = [typeof(LockProcesses).Assembly.Location, .. settings.ToArguments()],
            Environment = new Dictionary<string, string> { ["MUSTER_TEST_SCRATCH"] = Scratch.Root },
        }), file));

        int Share(int all) => all / shape.Processes + (number < all % shape.Processes ? 1 : 0);
    }
}

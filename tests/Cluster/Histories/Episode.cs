using System.Globalization;
using Muster.Broker;
using Muster.Host.Demo;
using Muster.Worker;

namespace Muster.Cluster.Histories;

/// <summary>
/// A minute or so of a cluster under faults: clients, processes of their own, use locks and configuration
/// that nobody used before, everything is recorded, and judged when they have ended. The seed says what the
/// clients and the faults choose; what comes of it is the machine's.
/// </summary>
public sealed class Episode : IAsyncDisposable
{
    private const int Clients = 3;

    /// <summary>Between two faults: for what was mended to be of use.</summary>
    private const int LongestRestMilliseconds = 1_500;

    /// <summary>After the last fault all must work again, and show it by so many grants.</summary>
    private const int GrantsAtTheEnd = 20;

    private readonly MusterCluster _cluster;
    private readonly Random _random;
    private readonly FaultDeck _deck;
    private readonly List<RecordedClient> _clients = [];
    private readonly string _folder = Scratch.NewFolder("episode");
    private readonly Ledger _ledger;
    private int _processes;

    private Episode(MusterCluster cluster, int seed)
    {
        (_cluster, _random) = (cluster, new Random(seed));
        _deck = new FaultDeck(_random, cluster.Broker.CanControl);
        var file = Path.Combine(_folder, "ledger.db");
        _ledger = new Ledger(file);
        var prefix = $"history/{Guid.NewGuid().ToString("N")[..8]}/";
        _clients.AddRange(Enumerable.Range(1, Clients).Select(number => new RecordedClient(
            cluster, string.Create(CultureInfo.InvariantCulture, $"c{number}"), _folder, file, prefix)));
    }

    /// <summary>What was recorded, the ledger, and histories that were refuted.</summary>
    public string Folder => _folder;

    /// <param name="cluster">A whole one with cuttable wires and registries.</param>
    /// <param name="seed">Of everything that is left to chance.</param>
    public static async Task<Episode> StartAsync(MusterCluster cluster, int seed)
    {
        var episode = new Episode(cluster, seed);
        try
        {
            await Task.WhenAll(episode._clients.Select(episode.StartAsync));
            return episode;
        }
        catch
        {
            await episode.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// One fault after the other until the time is over and each family has had one; then all is mended,
    /// ended and judged.
    /// </summary>
    /// <exception cref="TimeoutException">What was mended does not work again.</exception>
    /// <exception cref="InvalidOperationException">
    /// A process ended by itself, or does not get ready.
    /// </exception>
    public async Task<EpisodeReport> RunAsync(
        TimeSpan time, Action<Fault>? onFault, CancellationToken cancellationToken)
    {
        var injector = new FaultInjector(_cluster, _clients, StartAsync, _random);
        var started = TimeProvider.System.GetTimestamp();
        List<Fault> faults = [];
        while (TimeProvider.System.GetElapsedTime(started) < time
            || _deck.Families.Except(faults.Select(fault => fault.Family)).Any())
        {
            var fault = await injector.InjectAsync(_deck.Next(), cancellationToken);
            faults.Add(fault);
            onFault?.Invoke(fault);
            await Task.Delay(
                TimeSpan.FromMilliseconds(_random.Next(LongestRestMilliseconds)), TimeProvider.System,
                cancellationToken);
        }
        await WorksAgainAsync();
        await Task.WhenAll(_clients.Select(client => client.EndAsync()));
        var recording = EpisodeRecording.Read(Files);
        return EpisodeVerdict.Of(recording, _ledger, faults, _folder, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
        _ledger.Dispose();
    }

    private IReadOnlyList<string> Files => [.. _clients.SelectMany(client => client.Files)];

    private async Task StartAsync(RecordedClient client)
    {
        var first = _processes;
        _processes += HistorySettings.Workers;
        await client.StartAsync(first, _random.Next());
        await client.ConnectedAsync();
    }

    private async Task WorksAgainAsync()
    {
        await _cluster.BeWholeAsync();
        var before = Files.ToDictionary(file => file, file => new FileInfo(file).Length);
        var grants = 0;
        await Until.TrueAsync(
            () => (grants = Files.Sum(file => GrantsBeyond(file, before[file]))) >= GrantsAtTheEnd,
            MusterCluster.Patience,
            () => $"{GrantsAtTheEnd} grants after the last fault; there are {grants}");
    }

    private static int GrantsBeyond(string file, long position)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = position;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n')
            .Count(line => line.StartsWith("{\"Grant\"", StringComparison.Ordinal));
    }
}

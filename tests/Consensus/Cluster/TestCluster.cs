using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using Shouldly;

namespace Muster.Consensus.Tests.Cluster;

/// <summary>Nodes n1, n2, n3 in one process, with real files and links in memory.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly string[] Names = ["n1", "n2", "n3"];

    private readonly Dictionary<string, ConsensusNodeHost> _nodes = new(StringComparer.Ordinal);

    private readonly int _groups;

    private TestCluster(int groups) => (_groups, Bus) =
        (groups, new MemoryBus(new BusNames(BusNames.DefaultCluster), NullLoggerFactory.Instance));

    public TestFolder Folder { get; } = new();

    public MemoryBus Bus { get; }

    public LogBook Log { get; } = new();

    public TestClient Client { get; private set; } = null!;

    public IEnumerable<string> Running => _nodes.Keys.Order(StringComparer.Ordinal);

    public ConsensusNodeHost this[string node] => _nodes[node];

    public IHealthSource HealthOf(string node) => _nodes[node];

    /// <summary>A cluster without nodes.</summary>
    public static async Task<TestCluster> CreateAsync(int groups = 1)
    {
        var cluster = new TestCluster(groups);
        cluster.Client = await TestClient.StartAsync(cluster.Bus);
        return cluster;
    }

    /// <summary>A formed cluster, and who leads it.</summary>
    public static async Task<(TestCluster Cluster, string Leader)> FormAsync()
    {
        var cluster = await CreateAsync();
        await cluster.StartAllAsync();
        return (cluster, (await cluster.Client.NextElectionAsync()).Leader.Value);
    }

    public ConsensusOptions OptionsOf(string node, bool bootstrap = true) => new()
    {
        Node = node,
        Members = [.. Names],
        ClusterId = "test",
        Bootstrap = bootstrap,
        DataFolder = Folder.Of(node),
        Groups = [TestClient.Group, .. Enumerable.Range(1, _groups - 1).Select(idle => "idle-" + idle)],
        OpenGroups = [TestClient.Group],
        ScrubInterval = TimeSpan.FromSeconds(1),
        // A busy machine must not cost an election that the test does not ask for.
        Raft = new RaftTimes
        {
            ElectionMin = TimeSpan.FromSeconds(2),
            ElectionMax = TimeSpan.FromSeconds(3),
        },
    };

    /// <summary>A node that waits to be added.</summary>
    public async Task<ConsensusNodeHost> StartJoiningAsync(string node) =>
        await StartAsync(OptionsOf(node, bootstrap: false) with { Join = true });

    public Task<ConsensusNodeHost> StartAsync(string node, Action<Exception>? onFatal = null) =>
        StartAsync(OptionsOf(node), onFatal);

    public async Task<ConsensusNodeHost> StartAsync(
        ConsensusOptions options, Action<Exception>? onFatal = null)
    {
        var host = new ConsensusNodeHost(options, new ConsensusSurroundings
        {
            Links = new MemoryLinkFactory(Bus, NullLoggerFactory.Instance),
            Loggers = Log,
            OnFatal = onFatal ?? (failure => throw new InvalidOperationException("A node failed.", failure)),
        });
        _nodes.Add(options.Node, host);
        await host.StartAsync(TestLimit.Token());
        return host;
    }

    public async Task StartAllAsync()
    {
        foreach (var node in Names)
        {
            await StartAsync(node);
        }
    }

    /// <summary>Ends a node without a word to the others.</summary>
    public async Task StopAsync(string node)
    {
        _nodes.Remove(node, out var host).ShouldBeTrue();
        await host.DisposeAsync();
    }

    /// <summary>Stops a node as its host does: it hands over first.</summary>
    public async Task StopInOrderAsync(string node)
    {
        _nodes.Remove(node, out var host).ShouldBeTrue();
        await host.StopAsync(TestLimit.Token());
    }

    public async Task StopAllAsync()
    {
        foreach (var node in Running.ToList())
        {
            await StopAsync(node);
        }
    }

    /// <summary>Every node stops and loses its disk; a new cluster is formed under the same names.</summary>
    public async Task BootstrapAnewAsync()
    {
        await StopAllAsync();
        foreach (var node in Names)
        {
            Directory.Delete(Folder.Of(node), recursive: true);
        }
        await StartAllAsync();
    }

    /// <summary>
    /// From now on a stopped node's disk fails when it has to keep an entry of that one byte.
    /// </summary>
    public async Task BreakDiskAsync(string node, byte payload)
    {
        await using var connection =
            new SqliteConnection($"Data Source={Folder.Of(node)}/consensus.db;Pooling=False");
        await connection.OpenAsync(TestLimit.Token());
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"CREATE TRIGGER broken BEFORE INSERT ON entries WHEN NEW.payload = x'{payload:X2}' "
            + "BEGIN SELECT RAISE(ABORT, 'this disk is broken'); END";
        await command.ExecuteNonQueryAsync(TestLimit.Token());
    }

    /// <summary>
    /// Every running node's log, once each has committed as far as the leader: a ReadIndex names the goal,
    /// and the leader's next AppendEntries tell the followers.
    /// </summary>
    public async Task<IReadOnlyList<LogEntry>> AgreedLogAsync(string leader)
    {
        var found = (await Client.AskAsync(leader, new ReadIndex { Group = TestClient.Group }))
            .ShouldBeOfType<ReadIndexFound>();
        var logs = new List<IReadOnlyList<LogEntry>>();
        foreach (var node in Running)
        {
            var log = await Client.ReadAsync(node);
            while (log.Count < found.Index.Value)
            {
                TestLimit.Token().ThrowIfCancellationRequested();
                log = await Client.ReadAsync(node);
            }
            logs.Add([.. log.Take((int)found.Index.Value)]);
        }
        foreach (var log in logs)
        {
            Shown(log).ShouldBe(Shown(logs[0]));
        }
        return logs[0];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllAsync();
        await Client.DisposeAsync();
        await Bus.DisposeAsync();
        Folder.Dispose();
    }

    private static List<string> Shown(IEnumerable<LogEntry> log) =>
        [.. log.Select(entry =>
            $"{entry.Index} {entry.Term} {entry.LogTime} {entry.Kind} {Convert.ToHexString(entry.Payload)}")];
}

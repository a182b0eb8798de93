using Muster.Client;
using Muster.Cluster;
using Muster.Cluster.Load;
using Shouldly;
using Xunit;

namespace Muster.Coordination.Tests.Registry;

/// <summary>
/// A writer of changes, and two clients that resolve: one that has Redis, and one that has only the bus.
/// Beside them configuration is read and written, and its history judged at the end.
/// </summary>
internal sealed class RegistryRun : IAsyncDisposable
{
    private readonly ChangeWriter _writer;
    private readonly IReadOnlyList<ResolveLoad> _loads;
    private readonly ConfigLoad _config;

    private RegistryRun(ChangeWriter writer, IReadOnlyList<ResolveLoad> loads, ConfigLoad config) =>
        (_writer, _loads, _config) = (writer, loads, config);

    private IEnumerable<Answer> Answers => _loads.SelectMany(load => load.Answers);

    public static async Task<RegistryRun> StartAsync(MusterCluster cluster, IReadOnlyList<string> services)
    {
        var writer = await ChangeWriter.StartAsync(cluster, services);
        var run = new RegistryRun(
            writer,
            [
                await ResolveLoad.StartAsync(cluster.NewClient("resolver"), services),
                await ResolveLoad.StartAsync(cluster.NewClient("bus resolver", hasRedis: false), services),
            ],
            await ConfigLoad.StartAsync(cluster));
        await run.SeesChangesAsync("at first", MusterCluster.Patience);
        return run;
    }

    /// <summary>What is changed from now on is seen by every client within this time.</summary>
    public async Task SeesChangesAsync(string when, TimeSpan within)
    {
        var change = await _writer.NextAsync();
        foreach (var load in _loads)
        {
            var after = await load.SeesAsync(change);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{when}: change {change.Number} seen after {after.TotalMilliseconds:F0} ms");
            after.ShouldBeLessThan(within, when);
        }
    }

    /// <summary>Ends the load and judges what holds at all times.</summary>
    public async Task EndAsync()
    {
        foreach (var load in _loads)
        {
            await load.EndAsync();
            load.Judge();
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", load.Answers
                .GroupBy(answer => answer.Source)
                .Select(answers => $"{answers.Count()} {answers.Key} up to "
                    + $"{answers.Max(answer => answer.Age).TotalMilliseconds:F0} ms old")));
        }
        var maxAge = new ResolveOptions().MaxAge;
        Answers.Where(answer => answer.Source != ResolveSource.Stale && answer.Age > maxAge)
            .ShouldBeEmpty("what is older than asked for says so");
        await _config.EndAsync();
    }

    public void AgesStayBelow(TimeSpan limit, long from = 0) =>
        Answers.Where(answer => answer.At >= from).Max(answer => answer.Age).ShouldBeLessThan(limit);

    /// <summary>
    /// Between two moments without the bus nobody claims to know more than before: the age of the answers at
    /// the end is that of a view from before.
    /// </summary>
    public void AgesGrow(long from, long to)
    {
        var length = TimeProvider.System.GetElapsedTime(from, to);
        foreach (var load in _loads)
        {
            var last = load.Answers.Where(answer => answer.At >= from && answer.At <= to).ToList();
            last.ShouldNotBeEmpty();
            last[^1].Age.ShouldBeGreaterThan(length / 2, $"{last[^1]}");
            last[^1].Source.ShouldBe(ResolveSource.Stale);
        }
    }

    public void ComeFrom(ResolveSource source) =>
        Answers.ShouldContain(answer => answer.Source == source, $"some come from {source}");

    public async ValueTask DisposeAsync()
    {
        foreach (var load in _loads)
        {
            await load.DisposeAsync();
        }
        await _writer.DisposeAsync();
        await _config.DisposeAsync();
    }
}

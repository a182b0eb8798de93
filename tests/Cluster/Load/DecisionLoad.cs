using System.Collections.Concurrent;
using System.Globalization;
using Muster.Client;
using Muster.Contracts.Decisions;
using Muster.Testing;
using Shouldly;

namespace Muster.Cluster.Load;

/// <summary>
/// Workers of several clients that race to decide the same keys, each for a value of its own, and read them.
/// What they saw is a history for the checker; what they were answered is compared whole.
/// </summary>
public sealed class DecisionLoad : IAsyncDisposable
{
    private const int Clients = 3;
    private const int WorkersPerClient = 5;
    private const int OpenKeys = 4;
    private const int ProposalsPerKey = 20;
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    private readonly HistoryRecorder _history = new();
    private readonly ConcurrentDictionary<string, ConcurrentBag<Decision>> _answers =
        new(StringComparer.Ordinal);
    private readonly string _run = "race/" + Guid.NewGuid().ToString("N")[..6] + "/";
    private readonly List<MusterClient> _clients = [];
    private readonly List<Task> _workers = [];
    private volatile bool _isEnding;
    private int _answered;
    private int _unknowns;

    private DecisionLoad(MusterCluster cluster) => _clients.AddRange(
        Enumerable.Range(0, Clients).Select(number => cluster.NewClient($"racer {number}")));

    /// <summary>Proposals that were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Where the keys begin.</summary>
    public string Prefix => _run;

    public static async Task<DecisionLoad> StartAsync(MusterCluster cluster)
    {
        var load = new DecisionLoad(cluster);
        await Task.WhenAll(load._clients.Select(client => client.ConnectAsync()));
        for (var worker = 0; worker < Clients * WorkersPerClient; worker++)
        {
            var number = worker;
            load._workers.Add(Task.Run(() => load.WorkAsync(load._clients[number % Clients], number)));
        }
        await load.MoreAsync(50);
        return load;
    }

    /// <summary>Waits until so many more proposals are answered.</summary>
    public async Task MoreAsync(int more)
    {
        var goal = Answered + more;
        await Until.TrueAsync(
            () => Answered >= goal || _workers.Exists(worker => worker.IsFaulted), MusterCluster.Patience,
            () => $"{more} more proposals answered; {goal - Answered} are missing");
        if (_workers.Find(worker => worker.IsFaulted) is { } failed)
        {
            throw new InvalidOperationException("A worker of the load failed.", failed.Exception);
        }
    }

    /// <summary>
    /// Lets the workers finish and judges: of each key everybody was told one decision, whole, which is there
    /// at the end, and there is an order in which the first proposal decided it.
    /// </summary>
    public async Task<IReadOnlyList<Decision>> EndAsync()
    {
        _isEnding = true;
        await Task.WhenAll(_workers).WaitAsync(EndPatience, TimeProvider.System);
        var there = await _clients[0].Decisions.ListAsync(_run);
        foreach (var (key, told) in _answers)
        {
            told.Distinct().ShouldHaveSingleItem(key).ShouldBe(there.Single(one => one.Key == key));
        }
        HistoryCheck.IsLinearizable(
            $"decisions ({_unknowns} asked again)", _history.Events, new WriteOnceModel());
        return there;
    }

    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
        await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WorkAsync(MusterClient client, int worker)
    {
        var random = new Random(worker);
        for (var number = 0; !_isEnding; number++)
        {
            // All about the same few keys, which move on.
            var newest = Answered / ProposalsPerKey;
            var key = _run + (newest + random.Next(OpenKeys)).ToString(CultureInfo.InvariantCulture);
            if (random.Next(4) == 0)
            {
                await ReadAsync(client, worker, key);
            }
            else
            {
                await ProposeAsync(client, worker, key, $"{worker}-{number}");
            }
        }
    }

    /// <summary>Of unknown outcome it is proposed again under its id, until it is answered.</summary>
    private async Task ProposeAsync(MusterClient client, int worker, string key, string value)
    {
        string? commandId = null;
        while (true)
        {
            using var call = _history.Invoke(worker, "propose", key, value);
            try
            {
                var proposed = await client.Decisions.ProposeAsync(key, value, commandId);
                call.Ok(proposed.Decision.Value);
                proposed.IsOwn.ShouldBe(proposed.Decision.Value == value, "each value is one proposal's");
                Told(proposed.Decision);
                Interlocked.Increment(ref _answered);
                return;
            }
            catch (MusterUnknownException unknown) when (!_isEnding)
            {
                commandId = unknown.CommandId;
                Interlocked.Increment(ref _unknowns);
            }
            catch (MusterUnknownException)
            {
                return;
            }
        }
    }

    private async Task ReadAsync(MusterClient client, int worker, string key)
    {
        using var call = _history.Invoke(worker, "read", key);
        try
        {
            var decision = await client.Decisions.GetAsync(key);
            call.Ok(decision?.Value);
            if (decision is not null)
            {
                Told(decision);
            }
        }
        catch (MusterUnknownException)
        {
            Interlocked.Increment(ref _unknowns);
        }
    }

    private void Told(Decision decision) => _answers.GetOrAdd(decision.Key, _ => []).Add(decision);
}

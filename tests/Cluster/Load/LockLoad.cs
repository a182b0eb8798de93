using System.Collections.Concurrent;
using Muster.Client;
using Muster.Cluster;
using Muster.Testing;
using Xunit;

namespace Muster.Cluster.Load;

/// <summary>
/// Workers that take locks, show the token to a guarded ledger, write, and release, without pause; every hold
/// and every acknowledged write is recorded, and judged at the end by <see cref="Verdict"/>, as is the whole
/// history by the checker.
/// </summary>
public sealed class LockLoad : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(40);

    private readonly ConcurrentQueue<Hold> _holds = new();
    private readonly ConcurrentQueue<AcknowledgedWrite> _writes = new();
    private readonly ConcurrentDictionary<string, int> _cycles = new(StringComparer.Ordinal);
    private readonly LockHistory _history = new();
    private readonly LoadOptions _options;
    private readonly List<MusterClient> _clients = [];
    private readonly List<Task> _workers = [];
    private readonly string[] _locks;
    private volatile bool _isEnding;
    private long _lastWrite;
    private int _unknowns;

    private LockLoad(MusterCluster cluster, LoadOptions options)
    {
        _options = options;
        var run = Guid.NewGuid().ToString("N")[..6];
        _locks = [.. Enumerable.Range(0, options.Locks).Select(number => $"load/{run}/{number}")];
        Ledger = new GuardedLedger(Path.Combine(cluster.Folder, $"ledger-{run}.db"));
        for (var i = 0; i < options.Clients; i++)
        {
            _clients.Add(cluster.NewClient($"load {i}", options.Ttl));
        }
    }

    public GuardedLedger Ledger { get; }

    public IReadOnlyList<string> Locks => _locks;

    /// <summary>Acquires that ended without anybody knowing their outcome.</summary>
    public int Unknowns => Volatile.Read(ref _unknowns);

    public int Cycles => _cycles.Values.Sum();

    /// <summary>Starts the load and returns once it runs on every lock.</summary>
    public static async Task<LockLoad> StartAsync(MusterCluster cluster, LoadOptions? options = null)
    {
        var load = new LockLoad(cluster, options ?? new LoadOptions());
        await Task.WhenAll(load._clients.Select(client => client.ConnectAsync()));
        foreach (var (client, number) in load._clients.Select((client, number) => (client, number)))
        {
            for (var worker = 0; worker < load._options.WorkersPerClient; worker++)
            {
                var seed = number * load._options.WorkersPerClient + worker;
                load._workers.Add(Task.Run(() => load.WorkAsync(client, seed)));
            }
        }
        await load.MoreCyclesAsync(5, MusterCluster.Patience);
        return load;
    }

    /// <summary>
    /// Waits until every lock was held so many more times from now: the floor below which a test proves
    /// nothing.
    /// </summary>
    public async Task MoreCyclesAsync(int more, TimeSpan timeout)
    {
        var before = _locks.ToDictionary(name => name, CyclesOf);
        await Until.TrueAsync(
            () => _workers.Exists(worker => worker.IsFaulted)
                || _locks.All(name => CyclesOf(name) >= before[name] + more),
            timeout,
            () => $"{more} more cycles on each lock; "
                + string.Join(", ", _locks.Select(name => $"{name} {CyclesOf(name) - before[name]}")));
        ThrowIfFailed();
    }

    /// <summary>
    /// Lets the workers finish, waits until every lock is free, and judges: no lock had two holders, tokens
    /// grew, and the ledger has every acknowledged write once.
    /// </summary>
    public async Task EndAsync()
    {
        _isEnding = true;
        await Task.WhenAll(_workers).WaitAsync(EndPatience, TimeProvider.System);
        foreach (var name in _locks)
        {
            await BecomesFreeAsync(name);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Cycles} cycles, {Unknowns} acquires of unknown outcome, "
            + $"{_holds.Count(hold => hold.WasLost)} locks lost, "
            + $"nobody held a lock for {LongestGap().TotalMilliseconds:F0} ms at most");
        Verdict.NoTwoHolders(_holds);
        Verdict.TokensGrow(_holds);
        Verdict.LedgerHolds(_writes, Ledger);
        HistoryCheck.IsLinearizable("locks", _history.Events, new FencedMutexModel());
    }

    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        // A client's end makes its waiting acquires throw, and with them its workers end.
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
        await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Ledger.Dispose();
    }

    private TimeSpan LongestGap()
    {
        var starts = _holds.Select(hold => hold.From).Order().ToList();
        return starts.Zip(starts.Skip(1), TimeProvider.System.GetElapsedTime).DefaultIfEmpty().Max();
    }

    private int CyclesOf(string name) => _cycles.GetValueOrDefault(name);

    private void ThrowIfFailed()
    {
        if (_workers.Find(worker => worker.IsFaulted) is { } failed)
        {
            throw new InvalidOperationException("A worker of the load failed.", failed.Exception);
        }
    }

    private async Task WorkAsync(MusterClient client, int seed)
    {
        var random = new Random(seed);
        while (!_isEnding)
        {
            var name = _locks[random.Next(_locks.Length)];
            _history.Acquires(seed, name);
            try
            {
                var handle = await client.Locks.AcquireAsync(name);
                var granted = _history.Granted();
                var isHeld = Use(handle, seed, granted);
                await handle.DisposeAsync();
                if (isHeld)
                {
                    _history.Released(seed);
                }
            }
            catch (Exception exception) when (exception is MusterUnknownException or TimeoutException)
            {
                // Out of reach, or in doubt: the client gives a lock that was granted after all back.
                _history.AcquireUnknown(seed);
                Interlocked.Increment(ref _unknowns);
            }
        }
    }

    /// <returns>Whether it was held to the end of its use.</returns>
    private bool Use(ILockHandle handle, int worker, int granted)
    {
        var (name, token) = (handle.Name, handle.FencingToken);
        var from = TimeProvider.System.GetTimestamp();
        if (handle.IsLost)
        {
            _history.WasLost(worker, granted);
            return false;
        }
        Ledger.Enter(name, token);
        var id = Interlocked.Increment(ref _lastWrite);
        var owner = $"w{worker}";
        if (Ledger.TryWrite(name, id, token, owner))
        {
            _writes.Enqueue(new(name, id, token));
        }
        var until = TimeProvider.System.GetTimestamp();
        var releasing = _history.Releasing();
        var isLost = handle.IsLost;
        _holds.Enqueue(
            new(name, token, handle.AcquireId, owner, from, isLost ? from : until) { WasLost = isLost });
        _cycles.AddOrUpdate(name, 1, (_, cycles) => cycles + 1);
        if (isLost)
        {
            _history.WasLost(worker, granted);
        }
        else
        {
            _history.Held(worker, name, token, granted, releasing);
        }
        return !isLost;
    }

    private async Task BecomesFreeAsync(string name)
    {
        var seen = "";
        await Until.TrueAsync(
            async () =>
            {
                var description = await _clients[0].Locks.DescribeAsync(name);
                seen = $"{description.HolderCount} holders, {description.WaiterCount} waiters";
                return description is { HolderCount: 0, WaiterCount: 0 };
            },
            EndPatience, () => $"{name} becomes free: {seen}");
    }
}

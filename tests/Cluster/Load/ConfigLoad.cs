using System.Globalization;
using Muster.Client;
using Muster.Testing;

namespace Muster.Cluster.Load;

/// <summary>
/// Workers that read, write, compare-and-set and delete a few configuration keys, by the versions that they
/// have seen; a history for the checker. No value is written twice, so a version stands for its value.
/// </summary>
public sealed class ConfigLoad : IAsyncDisposable
{
    private const int Clients = 2;
    private const int WorkersPerClient = 3;
    private const int Keys = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    private readonly HistoryRecorder _history = new();
    private readonly string _run = "load/" + Guid.NewGuid().ToString("N")[..6] + "/";
    private readonly List<MusterClient> _clients = [];
    private readonly List<Task> _workers = [];
    private volatile bool _isEnding;

    private ConfigLoad(MusterCluster cluster) => _clients.AddRange(Enumerable.Range(0, Clients).Select(
        number => cluster.NewClient($"config {number}", callTimeout: TimeSpan.FromSeconds(5))));

    public static async Task<ConfigLoad> StartAsync(MusterCluster cluster)
    {
        var load = new ConfigLoad(cluster);
        await Task.WhenAll(load._clients.Select(client => client.ConnectAsync()));
        for (var worker = 0; worker < Clients * WorkersPerClient; worker++)
        {
            var number = worker;
            load._workers.Add(Task.Run(() => load.WorkAsync(load._clients[number % Clients], number)));
        }
        return load;
    }

    public async Task EndAsync()
    {
        _isEnding = true;
        await Task.WhenAll(_workers).WaitAsync(EndPatience, TimeProvider.System);
        HistoryCheck.IsLinearizable("configuration", _history.Events, new CasRegisterModel());
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
            var key = _run + random.Next(Keys).ToString(CultureInfo.InvariantCulture);
            var value = $"{worker}-{number}";
            try
            {
                switch (random.Next(6))
                {
                    case 0:
                        await WriteAsync(client, worker, key, value);
                        break;
                    case 1:
                        await ReplaceAsync(client, worker, key, null);
                        break;
                    default:
                        await ReplaceAsync(client, worker, key, value);
                        break;
                }
            }
            catch (MusterUnknownException)
            {
                // Recorded as such.
            }
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private async Task WriteAsync(MusterClient client, int worker, string key, string value)
    {
        using var call = _history.Invoke(worker, "write", key, value);
        await client.Config.PutAsync(key, value);
        call.Ok();
    }

    /// <summary>Reads, and puts a value, or none, in the place of what was read.</summary>
    private async Task ReplaceAsync(MusterClient client, int worker, string key, string? value)
    {
        var seen = await ReadAsync(client, worker, key);
        using var call = _history.Invoke(worker, "cas", key, Value.ListOf(seen?.Value, value));
        try
        {
            if (value is null)
            {
                await client.Config.DeleteAsync(key, seen?.Version ?? 0);
            }
            else
            {
                await client.Config.PutAsync(key, value, seen?.Version ?? 0);
            }
            call.Ok(result: true);
        }
        catch (ConfigConflictException)
        {
            call.Ok(result: false);
        }
    }

    private async Task<ConfigValue?> ReadAsync(MusterClient client, int worker, string key)
    {
        using var call = _history.Invoke(worker, "read", key);
        var seen = await client.Config.GetAsync(key);
        call.Ok(seen?.Value);
        return seen;
    }
}

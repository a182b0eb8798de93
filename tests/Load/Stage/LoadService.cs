using System.Net.Http.Json;
using System.Text.Json;
using Muster.Broker;

namespace Muster.Load.Stage;

/// <summary>One service as a process, which can be killed and started again with its data.</summary>
internal sealed class LoadService(ServicePlan plan, Uri broker) : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(15);

    private readonly Uri _address = new($"http://127.0.0.1:{FreePorts.Take()}/");
    private ServiceProcess? _process;

    public string Name => plan.Name;

    /// <summary>The process's id; null when it does not run.</summary>
    public int? ProcessId => _process is { HasExited: false } running ? running.Id : null;

    public async Task StartAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
        _process = ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = plan.Name,
            FileName = "dotnet",
            Arguments = [ReleaseBuild.AssemblyOf(plan.Project)],
            Environment = new Dictionary<string, string>(plan.Settings)
            {
                ["Bus__Uri"] = broker.OriginalString,
                ["Health__Url"] = _address.ToString(),
            },
        });
    }

    /// <summary>Waits until it says itself that it does its work.</summary>
    public async Task ReadyAsync(TimeSpan patience)
    {
        try
        {
            await Running.WaitForHealthAsync(new Uri(_address, "health"), patience);
        }
        catch (InvalidOperationException notReady)
        {
            throw new LoadException(notReady.Message, notReady);
        }
    }

    /// <summary>A node's own account of itself; null for another service.</summary>
    public async Task<NodeCounts?> CountsAsync(CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        if (!status.TryGetProperty("consensus." + Name, out var node)) return null;
        var memory = status.GetProperty("memory");
        return new NodeCounts(
            Number(node, "messagesReceived"), Number(node, "bytesReceived"), Number(node, "steps"),
            Number(memory, "workingSetBytes"), Number(memory, "managedBytes"));

        static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
    }

    /// <summary>What a node won and what held it up; null for another service.</summary>
    public async Task<NodeTroubles?> TroublesAsync(CancellationToken cancellationToken) =>
        (await StatusAsync(cancellationToken)).TryGetProperty("consensus." + Name, out var node)
            ? node.Deserialize<NodeTroubles>(JsonSerializerOptions.Web)
            : null;

    /// <summary>SIGKILL.</summary>
    public void Kill9() => Running.Kill9();

    /// <summary>Returns when the killed process is gone, so that its folder is free.</summary>
    public Task GoneAsync() => Running.ExitAsync(EndPatience);

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<JsonElement> StatusAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        return await client.GetFromJsonAsync<JsonElement>(new Uri(_address, "status"), cancellationToken);
    }

    private ServiceProcess Running =>
        _process ?? throw new InvalidOperationException($"{Name} was never started.");
}

/// <summary>Of a consensus node's status: the newest elections that it won, and its newest stalls.</summary>
internal sealed record NodeTroubles(
    IReadOnlyList<NodeElection> Elections, IReadOnlyList<NodeStall> Stalls);

internal sealed record NodeElection(DateTimeOffset At, string Group, long Term, string Cause);

internal sealed record NodeStall(string Kind, DateTimeOffset From, long Milliseconds)
{
    public DateTimeOffset To => From.AddMilliseconds(Milliseconds);
}

/// <summary>What a consensus node says of itself.</summary>
internal sealed record NodeCounts(long Messages, long Bytes, long Steps, long WorkingSet, long Managed);

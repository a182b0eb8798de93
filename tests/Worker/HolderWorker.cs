using System.Globalization;
using System.Text.Json;

namespace Muster.Worker;

/// <summary>
/// What a process that takes a lock and keeps it is told after <c>holder</c>, in this order.
/// </summary>
public sealed record HolderSettings(string Name, Uri Bus, string Cluster, string Lock, TimeSpan Ttl)
{
    public string[] ToArguments() => ["holder", Name, Bus.ToString(), Cluster, Lock, Ttl.ToString()];

    public static HolderSettings Parse(string[] arguments) => arguments is
        [var name, var bus, var cluster, var held, var ttl]
        ? new(name, new Uri(bus), cluster, held, TimeSpan.Parse(ttl, CultureInfo.InvariantCulture))
        : throw new ArgumentException("usage: Muster.Worker holder NAME BUS CLUSTER LOCK TTL");
}

/// <summary>What it prints once it holds the lock: the grant's token, and the bound that it stated.</summary>
public sealed record HolderLine(string Lock, long Token, TimeSpan Takeover)
{
    public static HolderLine? TryParse(string line) =>
        line.StartsWith('{') ? JsonSerializer.Deserialize<HolderLine>(line) : null;

    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>Takes a lock and holds it until it is killed.</summary>
internal static class HolderWorker
{
    public static async Task<int> RunAsync(HolderSettings settings)
    {
        await using var client = await WorkerClient.ConnectAsync(
            settings.Name, settings.Bus, settings.Cluster, settings.Ttl);
        await using var held = await client.Locks.AcquireAsync(settings.Lock);
        Console.Out.WriteLine(new HolderLine(
            held.Name, held.FencingToken.Value, TimeSpan.FromMilliseconds(held.Takeover.TotalMilliseconds)));
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }
}

using System.Globalization;
using System.Text.Json;

namespace Muster.Worker;

/// <summary>
/// What a process that holds a lock for good is told on its command line after <c>holder</c>, in this order.
/// </summary>
public sealed record HolderSettings(
    string Name, Uri Bus, string Cluster, string Lock, TimeSpan Ttl, bool CrashRelease = true)
{
    public string[] ToArguments() =>
    [
        "holder", Name, Bus.ToString(), Cluster, Lock, Ttl.ToString(),
        CrashRelease.ToString(CultureInfo.InvariantCulture),
    ];

    public static HolderSettings Parse(string[] arguments) => arguments is
        [var name, var bus, var cluster, var wanted, var ttl, var crashRelease]
        ? new(
            name, new Uri(bus), cluster, wanted, TimeSpan.Parse(ttl, CultureInfo.InvariantCulture),
            bool.Parse(crashRelease))
        : throw new ArgumentException("usage: Muster.Worker holder NAME BUS CLUSTER LOCK TTL CRASHRELEASE");
}

/// <summary>What it prints once it holds the lock: the grant's token, and the bound that it stated.</summary>
public sealed record HolderLine(string Lock, long Token, TimeSpan Takeover)
{
    /// <summary>Printed instead when the handle says that the lock is lost.</summary>
    public const string Lost = "the lock is lost";

    public static HolderLine? TryParse(string line) =>
        line.StartsWith('{') ? JsonSerializer.Deserialize<HolderLine>(line) : null;

    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>Takes one lock, and holds it until it is killed.</summary>
internal static class HolderWorker
{
    public static async Task<int> RunAsync(HolderSettings settings)
    {
        await using var client = await WorkerClient.ConnectAsync(
            settings.Name, settings.Bus, settings.Cluster, settings.Ttl, settings.CrashRelease);
        await using var held = await client.Locks.AcquireAsync(settings.Lock);
        using var lost = held.Lost.Register(() => Console.Out.WriteLine(HolderLine.Lost));
        Console.Out.WriteLine(new HolderLine(
            held.Name, held.FencingToken.Value, TimeSpan.FromMilliseconds(held.Takeover.TotalMilliseconds)));
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }
}

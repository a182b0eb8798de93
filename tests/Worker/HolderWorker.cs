using System.Globalization;

namespace Muster.Worker;

/// <summary>
/// What a process that holds a lock for good is told on its command line after <c>holder</c>, in this order.
/// </summary>
public sealed record HolderSettings(
    string Name, Uri Bus, string Cluster, string Lock, TimeSpan Ttl, bool CrashRelease)
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

/// <summary>Takes one lock, and holds it until it is killed; says when it holds it, and when it lost it.
/// </summary>
internal static class HolderWorker
{
    public static async Task<int> RunAsync(HolderSettings settings)
    {
        await using var client = await WorkerClient.ConnectAsync(
            settings.Name, settings.Bus, settings.Cluster, settings.Ttl, settings.CrashRelease);
        await using var handle = await client.Locks.AcquireAsync(settings.Lock);
        using var lost = handle.Lost.Register(() => Say(WorkerAct.Lost));
        Say(WorkerAct.Held);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;

        void Say(WorkerAct act) => Console.Out.WriteLine(new WorkerLine(
            settings.Name, act, settings.Lock, handle.FencingToken.Value, handle.AcquireId));
    }
}

namespace Muster.Worker;

/// <summary>What a process that merely lives is told on its command line after <c>node</c>.</summary>
public sealed record NodeSettings(string Name, Uri Bus, string Cluster)
{
    /// <summary>What the process prints once it is connected.</summary>
    public const string Connected = "connected";

    public string[] ToArguments() => ["node", Name, Bus.ToString(), Cluster];

    public static NodeSettings Parse(string[] arguments) => arguments is [var name, var bus, var cluster]
        ? new(name, new Uri(bus), cluster)
        : throw new ArgumentException("usage: Muster.Worker node NAME BUS CLUSTER");
}

/// <summary>A node: it is connected, and beats, until it is killed.</summary>
internal static class NodeWorker
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(NodeSettings settings)
    {
        await using var client = await WorkerClient.ConnectAsync(
            settings.Name, settings.Bus, settings.Cluster, Ttl);
        Console.Out.WriteLine(NodeSettings.Connected);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }
}

using Muster.Broker;
using Muster.Client;
using Muster.Worker;

namespace Muster.Cluster;

/// <summary>
/// From kill -9 of a process that holds a lock to the grant of who waits for it, beside the bound that the
/// killed process's own grant had stated.
/// </summary>
/// <param name="Time">What it took.</param>
/// <param name="Bound">What it might take at most, from its holder's last sign of life on.</param>
public sealed record Takeover(TimeSpan Time, TimeSpan Bound)
{
    private const string Project = "tests/Worker/Muster.Worker.csproj";

    /// <summary>So many bounds late it is no longer waited for.</summary>
    private const int Patience = 5;

    public double Share => Time / Bound;

    /// <param name="bus">The broker.</param>
    /// <param name="waiter">Waits for the lock; it lives.</param>
    /// <param name="holder">A name for the holder's process and the lock, of this takeover alone.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ttl">Of the holder's session.</param>
    /// <param name="killing">What else is done, once the holder is dead; null: nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">
    /// The holder did not get the lock, or who followed has no greater token.
    /// </exception>
    /// <exception cref="TimeoutException">Nobody was granted it, long after the bound.</exception>
    public static async Task<Takeover> MeasureAsync(
        Uri bus, string cluster, MusterClient waiter, string holder, TimeSpan ttl, Func<Task>? killing,
        CancellationToken cancellationToken)
    {
        var name = "takeover/" + holder;
        await using var process = ServiceProcess.Start(ServiceProcessOptions.Service(
            Project, holder, new HolderSettings(holder, bus, cluster, name, ttl).ToArguments()));
        var held = HolderLine.TryParse(await process.WaitForLineAsync(
            line => HolderLine.TryParse(line) is not null, "it holds no lock", MusterCluster.Patience))!;
        var waiting = waiter.Locks.AcquireAsync(name, cancellationToken: cancellationToken).AsTask();
        await Until.TrueAsync(
            async () => waiting.IsCompleted
                || (await waiter.Locks.DescribeAsync(name, cancellationToken)).WaiterCount == 1,
            MusterCluster.Patience, () => $"somebody waits for {name}");
        if (waiting.IsCompleted)
        {
            throw new InvalidOperationException(
                $"{holder} lost its lock before it was killed: the machine stood still for its TTL, {ttl}.");
        }
        var killedAt = TimeProvider.System.GetTimestamp();
        process.Kill9();
        var others = killing?.Invoke() ?? Task.CompletedTask;
        await using var next = await waiting.WaitAsync(
            held.Takeover * Patience, TimeProvider.System, cancellationToken);
        var time = TimeProvider.System.GetElapsedTime(killedAt);
        await others;
        return next.FencingToken.Value > held.Token
            ? new Takeover(time, held.Takeover)
            : throw new InvalidOperationException(
                $"{name} passed on under token {next.FencingToken}, after one under {held.Token}.");
    }
}

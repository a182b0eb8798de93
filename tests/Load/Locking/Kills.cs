using System.CommandLine;
using Muster.Client;
using Muster.Cluster;
using Muster.Load.Stage;
using Muster.Load.Workloads;

namespace Muster.Load.Locking;

/// <summary>What the workloads that kill holders have in common.</summary>
internal static class Kills
{
    public static Option<int> NewOption(string workload, int number)
    {
        var option = new Option<int>("--kills")
        {
            Description = $"How many holders {workload} kills, 1 to 10000.",
            DefaultValueFactory = _ => number,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
            {
                result.AddError("--kills takes 1 to 10000.");
            }
        });
        return option;
    }

    public static async Task<Takeover> MeasureAsync(
        LoadContext context, MusterClient waiter, int kill, TimeSpan ttl, Func<Task>? killing,
        CancellationToken cancellationToken)
    {
        context.Progress.Show(FormattableString.Invariant($"kill {kill + 1}"));
        try
        {
            return await Takeover.MeasureAsync(
                context.Broker.Uri, context.Cluster.Name, waiter,
                FormattableString.Invariant($"holder-{kill + 1}"), ttl, killing, cancellationToken);
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException
            or MusterUnknownException or MusterRefusedException)
        {
            throw new LoadException($"Kill {kill + 1}: {failure.Message}", failure);
        }
    }
}

using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Muster.Client;
using Muster.Host.Demo;

namespace Muster.Worker;

/// <summary>
/// What a process with a leader-elected service is told on its command line after <c>elected</c>, in this
/// order.
/// </summary>
public sealed record ElectedSettings(
    string Name, Uri Bus, string Cluster, string Ledger, string Election, TimeSpan Ttl)
{
    public string[] ToArguments() =>
        ["elected", Name, Bus.ToString(), Cluster, Ledger, Election, Ttl.ToString()];

    public static ElectedSettings Parse(string[] arguments) => arguments is
        [var name, var bus, var cluster, var ledger, var election, var ttl]
        ? new(
            name, new Uri(bus), cluster, ledger, election, TimeSpan.Parse(ttl, CultureInfo.InvariantCulture))
        : throw new ArgumentException("usage: Muster.Worker elected NAME BUS CLUSTER LEDGER ELECTION TTL");
}

/// <summary>
/// A service that is elected among several processes. While it leads it writes to the ledger without asking
/// whether it still does: the guard is what has to stop a late write. Its lines are a lock worker's.
/// </summary>
internal sealed class ElectedWorker(ElectedSettings settings, TimeProvider time) : ILeaderElectedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static async Task<int> RunAsync(ElectedSettings settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(settings).AddSingleton(TimeProvider.System);
        builder.Services.AddMuster(muster =>
        {
            (muster.Bus, muster.Cluster) = (settings.Bus, settings.Cluster);
            (muster.Owner, muster.Node, muster.SessionTtl) = (settings.Name, settings.Name, settings.Ttl);
        });
        builder.Services.AddLeaderElectedService<ElectedWorker>(
            settings.Election, options => options.Value = settings.Name);
        using var host = builder.Build();
        await host.RunAsync();
        return 0;
    }

    public async Task ExecuteAsync(LeaderContext leader, CancellationToken stopping)
    {
        using var ledger = new Ledger(settings.Ledger);
        ledger.Enter(leader.Election, leader.FencingToken);
        var isSaid = false;
        for (long number = 1; ; number++)
        {
            var isWritten = ledger.TryWrite(leader.Election, number, leader.FencingToken, settings.Name);
            if (!isWritten)
            {
                Say(WorkerAct.Refused, leader);
            }
            else if (!isSaid)
            {
                Say(WorkerAct.Held, leader); // once its write is there: it may be killed for saying so
                isSaid = true;
            }
            if (stopping.IsCancellationRequested)
            {
                Say(leader.IsLost ? WorkerAct.Lost : WorkerAct.Finished, leader);
                return;
            }
            // Not with the token: a write after every pause, however long that was.
            await Task.Delay(Pause, time, CancellationToken.None);
        }
    }

    private void Say(WorkerAct act, LeaderContext leader) => Console.Out.WriteLine(new WorkerLine(
        settings.Name, act, leader.Election, leader.FencingToken.Value, leader.CampaignId));
}

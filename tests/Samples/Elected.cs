using Microsoft.Extensions.Hosting;
using Muster.Client;
using Muster.Contracts;

namespace Muster.Samples.Tests;

internal static class ElectedStartup
{
    public static void Configure(IHostApplicationBuilder builder)
    {
        #region readme elected
        builder.Services.AddLeaderElectedService<Billing>("billing");
        #endregion
    }
}

#region readme elected
public sealed class Billing(Ledger ledger) : ILeaderElectedService
{
    public Task ExecuteAsync(LeaderContext leader, CancellationToken stopping) =>
        ledger.RunAsync(leader.FencingToken, stopping);
}
#endregion

public abstract class Ledger
{
    public abstract Task RunAsync(FencingToken token, CancellationToken cancellationToken);
}

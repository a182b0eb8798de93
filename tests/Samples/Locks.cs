using Microsoft.Extensions.Hosting;
using Muster.Client;
using Muster.Contracts;

namespace Muster.Samples.Tests;

internal static class Startup
{
    public static void Configure(IHostApplicationBuilder builder)
    {
        #region readme lock
        builder.Services.AddMuster(muster =>
        {
            muster.Bus = new Uri("amqp://guest:guest@localhost/");
            muster.SessionTtl = TimeSpan.FromSeconds(15);
        });
        #endregion
    }
}

internal static class WithoutContainer
{
    public static async Task RunAsync()
    {
        #region readme without-container
        var options = new MusterOptions { Bus = new Uri("amqp://guest:guest@localhost/") };
        await using var muster = new MusterClient(options);             // one per process is right
        await using var held = await muster.Locks.AcquireAsync("jobs/nightly");
        #endregion
    }
}

#region readme lock
public sealed class Nightly(ILocks locks, Reports reports)
{
    public async Task RunAsync(CancellationToken stop)
    {
        await using var held = await locks.AcquireAsync("jobs/nightly", TimeSpan.FromSeconds(30), stop);
        using var whileHeld = CancellationTokenSource.CreateLinkedTokenSource(stop, held.Lost);
        await reports.WriteAsync(held.FencingToken, whileHeld.Token);   // it refuses older tokens
    }
}
#endregion

public abstract class Reports
{
    public abstract Task WriteAsync(FencingToken token, CancellationToken cancellationToken);
}

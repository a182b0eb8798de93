using Muster.Client;

namespace Muster.Samples.Tests;

internal abstract class Client
{
    public async Task RunAsync(IMuster muster, byte[] state)
    {
        #region readme client
        // Registered again by itself when need be. .Lost: another process registered the same id.
        await using var registration = await muster.Services.RegisterAsync(
            new() { Service = "orders", Host = "10.0.0.7", Port = 8080 });
        // From the local copy, Redis, the bus, or as last known: .Source and .Age say which.
        var orders = await muster.Services.ResolveAsync("orders");
        var instance = orders.Pick(zone: "eu-1");

        await muster.Config.PutAsync("orders/rate", "50", expectedVersion: 0);
        await foreach (var now in muster.Config.WatchAsync("orders/")) { /* first what is there */ }

        // The first value that is proposed for a key counts, for everybody and for ever.
        var decided = await muster.Decisions.ProposeAsync("orders/shards/2026-11", "12");
        var shards = decided.Decision.Value;                            // decided.IsOwn: this call decided it

        await using var leadership = await muster.Elections.CampaignAsync("orders/leader", value: "10.0.0.7");
        await leadership.ProclaimAsync("10.0.0.8");       // leads on under the same token; observers are told

        await using var place = await muster.Standbys.JoinAsync(new()
        {
            Group = "orders",
            Policy = new() { Lock = "orders/primary" },                 // broken before another is promoted
            OnPromoted = (promotion, deposed) => StartAsync(promotion.State, deposed),
        });
        await place.UpdateStateAsync(state);              // through the log; refused once another is primary
        await muster.Standbys.RemoveGroupAsync("orders"); // with policy and state; refused while one lives
        #endregion
    }

    protected abstract Task StartAsync(byte[] state, CancellationToken deposed);
}

using System.Globalization;
using Muster.Client;
using Muster.Cluster;
using Shouldly;

namespace Muster.Coordination.Tests.Upgrades;

internal static class Replacing
{
    /// <summary>
    /// Stops the process in order and starts it again, from another build; null: from this one.
    /// </summary>
    public static async Task ReplaceAsync(this Service process, string? build)
    {
        await process.StopAsync();
        process.OtherBuild = build;
        await MusterCluster.StartAsync(process);
    }

    /// <summary>
    /// The first build comes back: it says what is wrong, takes no part, and holds nobody up.
    /// </summary>
    public static async Task ComeBackAsync(
        this Service process, string complaint, VersionedPuts puts, CancellationToken cancellation)
    {
        await process.StopAsync();
        process.OtherBuild = null;
        await process.StartAsync();
        await process.Process.WaitForLineAsync(complaint, MusterCluster.Patience);
        await puts.WriteAsync("alone", cancellation);
        (await process.IsReadyAsync()).ShouldBeFalse();
    }
}

/// <summary>Writes configuration, and knows the version that each write had.</summary>
internal sealed class VersionedPuts(MusterClient client)
{
    private const int Puts = 40;

    private readonly Dictionary<string, long> _written = new(StringComparer.Ordinal);

    public async Task WriteAsync(string phase, CancellationToken cancellation)
    {
        for (var number = 0; number < Puts; number++)
        {
            var key = $"upgrade/{phase}/{number.ToString(CultureInfo.InvariantCulture)}";
            _written.Add(key, await client.Config.PutAsync(key, phase, 0, cancellation));
        }
    }

    /// <summary>
    /// What was lost has no version, and what was done twice another than its writer heard.
    /// </summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        foreach (var (key, version) in _written)
        {
            (await client.Config.GetAsync(key, cancellation)).ShouldNotBeNull(key)
                .Version.ShouldBe(version, key);
        }
    }
}

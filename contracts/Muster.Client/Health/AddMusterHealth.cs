using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Muster.Client;

/// <summary>Registers the client's health check.</summary>
public static class MusterHealthChecksBuilderExtensions
{
    /// <summary>
    /// Whether this process's client, that of <c>AddMuster</c>, can coordinate. <b>Healthy</b>: connected,
    /// its session renewed; also while nothing was asked of it yet. <b>Degraded</b>: it connects again, or
    /// waits for the answer to a renewal, and still holds what it held. <b>Unhealthy</b>: its session was
    /// lost and no other is open yet (for <paramref name="unreachableAfter"/>, or for as long as anybody
    /// waits for a lock), somebody has waited for a lock and no session could be opened where it is (Degraded
    /// at first), or the broker is away, for longer than <paramref name="unreachableAfter"/>; or the client
    /// is disposed. The result's data: cluster, node, isConnected, since (UTC; of isConnected),
    /// session, renewedSecondsAgo, held, waiting.
    /// </summary>
    /// <param name="builder">Of <c>AddHealthChecks</c>.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="unreachableAfter">Default: the options' <see cref="MusterOptions.SessionTtl"/>.</param>
    /// <param name="failureStatus">Instead of Unhealthy.</param>
    /// <param name="tags">To choose checks by.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="unreachableAfter"/> is not above zero.
    /// </exception>
    public static IHealthChecksBuilder AddMuster(
        this IHealthChecksBuilder builder, string name = "muster", TimeSpan? unreachableAfter = null,
        HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (unreachableAfter is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(
                given, TimeSpan.Zero, nameof(unreachableAfter));
        }
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new MusterHealthCheck(
                provider.GetRequiredService<MusterClient>().Core, unreachableAfter),
            failureStatus,
            tags));
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Muster.Client;

/// <summary>
/// The client's state as a verdict. It asks nobody: what the client knows is what it acts by.
/// </summary>
internal sealed class MusterHealthCheck(ClientCore core, TimeSpan? unreachableAfter) : IHealthCheck
{
    private readonly TimeSpan _limit = unreachableAfter ?? core.Options.SessionTtl;

    // Three renewals fit into a TTL: the second is due when the first has been silent for so long.
    private readonly TimeSpan _renewalLimit = Renewal.IntervalOf(core.Options.SessionTtl) * 1.5;

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var state = core.Look();
        var (status, description) = Judge(state);
        if (status == HealthStatus.Unhealthy)
        {
            status = context.Registration.FailureStatus;
        }
        return Task.FromResult(new HealthCheckResult(status, description, data: DataOf(state)));
    }

    private (HealthStatus Status, string Description) Judge(ClientState state) => state switch
    {
        { IsClosed: true } => (HealthStatus.Unhealthy, "The client is disposed."),
        { ForTime: null } => (HealthStatus.Healthy, "Nothing was asked of the client yet."),
        { SinceLoss: { } loss, Waiting: var waiting } when loss < _limit || waiting > 0 =>
            (HealthStatus.Unhealthy, $"The session was lost {Seconds(loss)} ago, and none is open yet."),
        { IsConnected: false, ForTime: { } away } when away >= _limit =>
            (HealthStatus.Unhealthy, $"The broker is out of reach since {Seconds(away)}."),
        { IsConnected: false, ForTime: { } away } =>
            (HealthStatus.Degraded, $"The broker is out of reach since {Seconds(away)}; connecting."),
        { SinceWanted: { } wanted } => (
            wanted >= _limit ? HealthStatus.Unhealthy : HealthStatus.Degraded,
            $"No session could be opened since {Seconds(wanted)}, and somebody waits."),
        { SinceRenewal: { } renewal } when renewal > _renewalLimit =>
            (HealthStatus.Degraded, $"The session's last renewal was {Seconds(renewal)} ago."),
        _ => (HealthStatus.Healthy, "Connected."),
    };

    private Dictionary<string, object> DataOf(ClientState state)
    {
        var data = new Dictionary<string, object>
        {
            ["cluster"] = core.Options.Cluster,
            ["node"] = core.Options.Node,
            ["isConnected"] = state.IsConnected,
            ["held"] = state.Held,
            ["waiting"] = state.Waiting,
        };
        if (state.ForTime is { } time)
        {
            data["since"] = core.Time.GetUtcNow() - time;
        }
        if (state is { SessionId: { } session, SinceRenewal: { } renewal })
        {
            data["session"] = session;
            data["renewedSecondsAgo"] = Math.Round(renewal.TotalSeconds, 3);
        }
        return data;
    }

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:F1} s");
}

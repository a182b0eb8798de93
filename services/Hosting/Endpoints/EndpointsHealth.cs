using MassTransit;

namespace Muster.Hosting;

/// <summary>Whether MassTransit's endpoints are connected and consume.</summary>
internal sealed class EndpointsHealth(IBusControl bus) : IHealthSource
{
    public string Name => "endpoints";

    public bool IsReady => bus.CheckHealth().Status == BusHealthStatus.Healthy;

    public string Detail => bus.CheckHealth().Description;
}

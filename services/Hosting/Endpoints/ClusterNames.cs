using MassTransit;
using MassTransit.RabbitMqTransport;
using Muster.Bus;

namespace Muster.Hosting;

/// <summary>
/// The exchange of each message type: a contract's is <see cref="BusNames.Exchange"/>, on every transport;
/// MassTransit's own types (faults) get its usual name with the cluster's prefix.
/// </summary>
internal sealed class ClusterExchangeNames(BusNames names) : IEntityNameFormatter
{
    private readonly RabbitMqMessageNameFormatter _others = new();

    public string FormatEntityName<T>() => BusJson.IsContract(BusJson.TypeName(typeof(T)))
        ? names.Exchange(typeof(T))
        : names.Queue(_others.GetMessageName(typeof(T)));
}

/// <summary>
/// Names of queues that an endpoint definition does not name itself: kebab case after the cluster's prefix.
/// </summary>
internal sealed class ClusterQueueNames(BusNames names) : KebabCaseEndpointNameFormatter(false)
{
    public override string SanitizeName(string name) => names.Queue(base.SanitizeName(name));
}

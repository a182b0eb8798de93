using Muster.Bus;

namespace Muster.Hosting;

/// <summary>
/// Says which one contract a bare message is. MassTransit's own raw JSON would hand it to every consumer of
/// the endpoint, whose fields it happens to fill or not: an AcquireLock would also release.
/// </summary>
internal sealed class ContractSelector(BusNames names)
{
    private const string UrnPrefix = "urn:message:";

    // A type that is no contract is not replaced by the exchange's: its sender means something else.
    public Type Select(BareProperties properties) =>
        (string.IsNullOrEmpty(properties.Type) ? OfExchange(properties.Exchange) : OfType(properties.Type))
        ?? throw new UnreadableMessageException(
            "A bare message must name its contract, such as Muster.Contracts.Lock:AcquireLock, in its "
            + "AMQP type, or be published to the contract's exchange. "
            + $"Type: '{properties.Type}', exchange: '{properties.Exchange}'.");

    private Type? OfType(string type)
    {
        var isUrn = type.StartsWith(UrnPrefix, StringComparison.OrdinalIgnoreCase);
        var name = isUrn ? type[UrnPrefix.Length..] : type;
        return BusJson.ContractOf(name) ?? OfExchange(name);
    }

    private Type? OfExchange(string? exchange) =>
        exchange is not null && names.TypeOfExchange(exchange) is { } name ? BusJson.ContractOf(name) : null;
}

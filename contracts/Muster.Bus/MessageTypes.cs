namespace Muster.Bus;

/// <summary>
/// Finds out which contract an incoming message is, from what its sender and the transport say about it.
/// </summary>
internal sealed class MessageTypes(BusNames names)
{
    /// <summary>
    /// The bare content type, without parameters: everything that is neither MassTransit's envelope nor a
    /// form of our own is taken as bare JSON.
    /// </summary>
    public static string ContentTypeOf(string? contentType)
    {
        if (contentType?.StartsWith(EncodedBody.ContentTypePrefix, StringComparison.Ordinal) == true)
        {
            return contentType;
        }
        var bare = contentType.AsSpan();
        var parameters = bare.IndexOf(';');
        bare = (parameters < 0 ? bare : bare[..parameters]).Trim();
        return bare.Equals(BusJson.EnvelopeContentType, StringComparison.OrdinalIgnoreCase)
            ? BusJson.EnvelopeContentType
            : BusJson.BareContentType;
    }

    /// <summary>Null when it is none of the contracts.</summary>
    /// <exception cref="System.Text.Json.JsonException">An envelope that is malformed.</exception>
    public string? Find(string? declaredType, string contentType, string exchange, ReadOnlyMemory<byte> body)
    {
        if (declaredType is not null && ContractNamed(declaredType) is { } named)
        {
            return named;
        }
        if (contentType == BusJson.EnvelopeContentType)
        {
            return Envelope.TypeOf(body);
        }
        // A sender that names an unknown type means that type: the exchange must not turn it into another
        // one.
        return string.IsNullOrEmpty(declaredType) ? names.TypeOfExchange(exchange) : null;
    }

    private static string? ContractNamed(string declaredType)
    {
        var isUrn = declaredType.StartsWith(Envelope.UrnPrefix, StringComparison.OrdinalIgnoreCase);
        var name = isUrn ? declaredType[Envelope.UrnPrefix.Length..] : declaredType;
        return BusJson.IsContract(name) ? name : null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Web;

namespace Muster.Hosting;

/// <summary>How an answer in MassTransit's envelope gets to a response address.</summary>
/// <remarks>
/// On RabbitMQ never by MassTransit's way, a send endpoint per address: it declares the requester's temporary
/// exchange again after the requester is gone (one leaked exchange each), and a publish to an exchange that
/// is gone closes the channel that all senders share. A MassTransit endpoint's exchange has a queue of the
/// same name, so the answer goes through the default exchange straight to the queue: ONE send endpoint for
/// all, nothing declared, and nobody there is a silent drop.
/// </remarks>
internal sealed record EnvelopeRoute(Uri Endpoint, string? RoutingKey)
{
    private const string Loopback = "loopback";

    /// <summary>MassTransit's name for the default exchange; it declares nothing for it.</summary>
    private const string DirectReplyTo = "amq.rabbitmq.reply-to";

    private static readonly Uri DefaultExchange = new("exchange:" + DirectReplyTo);

    public static bool IsBusScheme(string scheme) =>
        IsRabbit(scheme) || scheme is Loopback or "exchange" or "queue" or "topic";

    /// <summary>
    /// A response address as any other process can use it: a short queue address says exchange instead
    /// (queue: is a bare-JSON sender's), and direct reply-to gets the requester's generated name, which only
    /// this delivery tells.
    /// </summary>
    public static string Replicable(Uri response, string? replyTo)
    {
        if (response.AbsolutePath.EndsWith(DirectReplyTo, StringComparison.Ordinal) && replyTo is not null)
        {
            // Escaped: the generated name may contain a slash.
            return "exchange:" + Uri.EscapeDataString(replyTo);
        }
        return response.Scheme == "queue" ? "exchange:" + response.AbsolutePath : response.ToString();
    }

    public static bool TryParse(string address, Uri busAddress, [NotNullWhen(true)] out EnvelopeRoute? route)
    {
        route = null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            return false;
        }
        var isShort = uri.Scheme == "exchange";
        if (busAddress.Scheme == Loopback)
        {
            route = isShort || uri.Scheme == Loopback ? new EnvelopeRoute(uri, null) : null;
        }
        else if (isShort || IsRabbit(uri.Scheme))
        {
            var name = HttpUtility.ParseQueryString(uri.Query)["queue"]
                ?? Uri.UnescapeDataString(uri.AbsolutePath[(uri.AbsolutePath.LastIndexOf('/') + 1)..]);
            route = name.Length > 0 ? new EnvelopeRoute(DefaultExchange, name) : null;
        }
        return route is not null;
    }

    private static bool IsRabbit(string scheme) => scheme is "rabbitmq" or "rabbitmqs" or "amqp" or "amqps";
}

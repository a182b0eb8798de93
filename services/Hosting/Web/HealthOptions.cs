using System.Net;

namespace Muster.Hosting;

/// <summary>
/// Section <c>Health</c> (environment <c>Health__Url</c>): where a process tells how it is.
/// </summary>
public sealed class HealthOptions
{
    public const string Section = "Health";

    /// <summary>
    /// <c>http://IP:PORT</c>. Default loopback and a free port, which the log names. Anything else than
    /// loopback shows the status to everybody who reaches the port; in a container:
    /// <c>http://0.0.0.0:8080</c>.
    /// </summary>
    public Uri Url { get; init; } = new("http://127.0.0.1:0");

    public static IEnumerable<string> Problems(HealthOptions options)
    {
        // An empty setting is a null here.
        if (options.Url is not { IsAbsoluteUri: true, Scheme: "http", PathAndQuery: "/" }
            || AddressOf(options.Url) is null)
        {
            yield return $"Health:Url is '{options.Url?.OriginalString}': "
                + "http://IP:PORT, or localhost for the IP.";
        }
    }

    internal static IPAddress? AddressOf(Uri url) =>
        url.Host == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(url.Host, out var address) ? address
        : null;
}

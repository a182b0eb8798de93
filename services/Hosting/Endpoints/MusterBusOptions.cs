using System.Text.RegularExpressions;
using Muster.Bus;

namespace Muster.Hosting;

/// <summary>
/// Section <c>Bus</c> (environment <c>Bus__Uri</c> and so on): which broker, and whose names on it.
/// </summary>
public sealed partial class MusterBusOptions
{
    public const string Section = "Bus";

    private const int SmallestMaxMessageBytes = 1024;

    /// <summary>RabbitMQ 4 itself takes no message above 16 MiB by default.</summary>
    private const int LargestMaxMessageBytes = 16 * 1024 * 1024;

    /// <summary>
    /// <c>amqp://user:password@host:port/vhost</c>, or amqps: then the broker's certificate must name the
    /// host, and be of an authority that this machine trusts. The embedded host takes it from
    /// its command line alone, and none is none.
    /// </summary>
    public Uri? Uri { get; init; }

    /// <summary>
    /// Clusters of different names share a broker without meeting. Default <c>muster</c>, whose names have no
    /// prefix.
    /// </summary>
    public string Cluster { get; init; } = "muster";

    /// <summary>
    /// A public command or query above this goes to the error queue unread. Higher: bigger batches, and more
    /// memory for each message in flight. Default 1 MiB; 1 KiB to 16 MiB.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;

    /// <summary>The address without its password, for people.</summary>
    public string SafeUri => Uri is null ? "" : WithoutPassword(Uri);

    /// <summary>The rules that hold with and without a broker.</summary>
    public static IEnumerable<string> Problems(MusterBusOptions options)
    {
        if (!BusNames.IsCluster(options.Cluster))
        {
            yield return $"Bus:Cluster is '{options.Cluster}': {BusNames.ClusterRule}.";
        }
        if (options.MaxMessageBytes is < SmallestMaxMessageBytes or > LargestMaxMessageBytes)
        {
            yield return $"Bus:MaxMessageBytes is {options.MaxMessageBytes}: "
                + $"{SmallestMaxMessageBytes} to {LargestMaxMessageBytes}.";
        }
    }

    /// <summary>All rules of a process that needs a broker.</summary>
    public static IEnumerable<string> ProblemsOnRabbitMq(MusterBusOptions options) =>
        Problems(options).Concat(UriProblems(options.Uri));

    private static IEnumerable<string> UriProblems(Uri? uri)
    {
        const string Form = "amqp://user:password@host:port/vhost";
        if (uri is null)
        {
            yield return $"Bus:Uri is not set: {Form} (environment Bus__Uri).";
        }
        else if (!uri.IsAbsoluteUri || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            yield return $"Bus:Uri is '{WithoutPassword(uri)}': {Form}, or amqps.";
        }
        else if (uri.Segments.Length > 2)
        {
            yield return $"Bus:Uri is '{WithoutPassword(uri)}': a slash in the vhost's name is written %2F.";
        }
    }

    internal static string WithoutPassword(Uri uri) => Password().Replace(uri.OriginalString, "$1***@");

    // Greedy up to the last @: also hides a password that should have been escaped.
    [GeneratedRegex("^((?:[a-z]+://)?[^:/@]*:).*@")]
    private static partial Regex Password();
}

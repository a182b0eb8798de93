using System.Text;
using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>What the limits in bytes count: UTF-8 bytes of what is kept, and JSON's of instances.</summary>
internal static class SizeOf
{
    /// <summary>Of a character as \uXXXX; the longest form that one has in JSON.</summary>
    private const int Escaped = 6;

    /// <summary>For an instance's properties in an indented envelope, beside their text.</summary>
    private const int InstanceOverhead = 384;

    /// <summary>For a tag or a pair of metadata there.</summary>
    private const int ItemOverhead = 24;

    /// <summary>For what an item costs beside its text.</summary>
    private const int Overhead = 64;

    public static long Text(string text) => Encoding.UTF8.GetByteCount(text);

    public static long Entry(string key, string value) => Overhead + Text(key) + Text(value);

    public static long Entry(ConfigEntry? entry) => entry is null ? Overhead : Entry(entry.Key, entry.Value);

    /// <summary>
    /// As in the longest form of a message, since a service's instances are one: an indented envelope, with
    /// everything escaped that JSON may escape.
    /// </summary>
    public static long Instance(ServiceInstance instance)
    {
        var bytes = InstanceOverhead
            + Sent(instance.Service) + Sent(instance.InstanceId) + Sent(instance.Scheme)
            + Sent(instance.Host) + Sent(instance.Zone) + Sent(instance.Node)
            + instance.Tags.Sum(tag => ItemOverhead + Sent(tag));
        // A sum does not depend on the order.
        return bytes + instance.Metadata.Sum(pair => ItemOverhead + Sent(pair.Key) + Sent(pair.Value));
    }

    public static long Event(RegistryEvent registryEvent) => registryEvent switch
    {
        { InstanceRegistered: { } registered } => Overhead + Instance(registered.Instance),
        { InstanceChanged: { } changed } => Overhead + Instance(changed.Instance),
        { InstanceRemoved: { } removed } => Overhead + Text(removed.Service) + Text(removed.InstanceId),
        { ConfigChanged: { } changed } => Overhead + Text(changed.Key) + Entry(changed.Entry),
        _ => throw new InvalidOperationException("An event of no kind."),
    };

    private static long Sent(string text)
    {
        long bytes = text.Length;
        foreach (var c in text)
        {
            var isPlain = c is >= ' ' and <= '~'
                and not ('"' or '\\' or '<' or '>' or '&' or '\'' or '+' or '`');
            if (!isPlain) bytes += Escaped - 1;
        }
        return bytes;
    }
}

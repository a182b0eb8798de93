using System.Text;
using Muster.Contracts.Registry;

namespace Muster.Registry.Machine;

/// <summary>UTF-8 bytes of what is kept: what the limits in bytes count.</summary>
internal static class SizeOf
{
    /// <summary>For what an item costs beside its text.</summary>
    private const int Overhead = 64;

    public static long Text(string text) => Encoding.UTF8.GetByteCount(text);

    public static long Entry(string key, string value) => Overhead + Text(key) + Text(value);

    public static long Entry(ConfigEntry? entry) => entry is null ? Overhead : Entry(entry.Key, entry.Value);

    public static long Instance(ServiceInstance instance)
    {
        var bytes = Overhead + Text(instance.Service) + Text(instance.InstanceId) + Text(instance.Scheme)
            + Text(instance.Host) + Text(instance.Zone) + Text(instance.Node)
            + instance.Tags.Sum(Text);
        // A sum does not depend on the order.
        return bytes + instance.Metadata.Sum(pair => Text(pair.Key) + Text(pair.Value));
    }

    public static long Event(RegistryEvent registryEvent) => registryEvent switch
    {
        { InstanceRegistered: { } registered } => Overhead + Instance(registered.Instance),
        { InstanceChanged: { } changed } => Overhead + Instance(changed.Instance),
        { InstanceRemoved: { } removed } => Overhead + Text(removed.Service) + Text(removed.InstanceId),
        { ConfigChanged: { } changed } => Overhead + Text(changed.Key) + Entry(changed.Entry),
        _ => throw new InvalidOperationException("An event of no kind."),
    };
}

using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Views.Tests;

internal static class Sample
{
    public static readonly TimeSpan Ttl = TimeSpan.FromMinutes(1);

    public static ServiceView View(long epoch, long index, string service = "web") => new()
    {
        Service = service,
        Epoch = epoch,
        Index = new LogIndex(index),
        Instances =
        [
            new()
            {
                Service = service,
                InstanceId = $"i{epoch}-{index}",
                Host = "h",
                Port = 80,
                Tags = ["ä", "b"],
                Metadata = new Dictionary<string, string> { ["k"] = "v" },
                ChangedAt = new LogIndex(index),
            },
        ],
    };

    public static ViewAnnouncement Told(long epoch, long from, long to, params string[] services) =>
        new() { Epoch = epoch, FromNumber = from, ToNumber = to, Services = services };
}

using Microsoft.Extensions.Time.Testing;
using Muster.Consensus.Core;
using Muster.Consensus.Storage;

namespace Muster.Consensus.Tests.Cluster;

/// <summary>A folder with stores of one node, n1 of three.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public static DiskIdentity Identity { get; } = new()
    {
        ClusterId = "c1",
        Node = new("n1"),
        Members = [new("n1"), new("n2"), new("n3")],
        Groups = ["lock", "registry"],
    };

    public string Of(string name) => _folder.Of(name);

    public ConsensusStore Open(string name = "n1", DiskIdentity? identity = null, bool bootstrap = true) =>
        ConsensusStore.Open(_folder.Of(name), identity ?? Identity, bootstrap, _time);

    public static RestoredGroup Restore(ConsensusStore store, string group = "lock") =>
        store.Restore(group, Identity.Node, randomSeed: 1);

    public void Dispose() => _folder.Dispose();
}

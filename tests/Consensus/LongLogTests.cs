using Muster.Consensus.Core;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>
/// A log that goes on and on, and is cut by snapshots; <c>Muster.Load endurance</c> is the long one.
/// </summary>
public sealed class LongLogTests
{
    private const int Entries = 200_000;
    private const int AtOnce = 1000;
    private const int SnapshotEvery = 20_000;
    private const int SnapshotBytes = 64 * 1024;
    private static readonly NodeId Node = new("n1");
    private static readonly byte[] Payload = new byte[256];

    [Fact]
    public void The_file_and_the_kept_log_do_not_grow_after_the_first_cuts()
    {
        using var folder = new TestFolder();
        var identity = new DiskIdentity { ClusterId = "test", Node = Node, Members = [Node], Groups = ["g"] };
        using var store = ConsensusStore.Open(folder.Path, identity, bootstrap: true, TimeProvider.System);
        var core = new RaftCore(new RaftOptions(), store.Restore("g", Node, randomSeed: 1));
        Step(core, store, 0);

        var sizes = new List<(long File, long Kept)>();
        for (var (done, now) = (0, 1L); done < Entries; now++)
        {
            done += AtOnce;
            Step(core, store, now, new ProposalReceived(new ReplyAddress(), new ProposeEntries
            {
                Group = "g",
                Payloads = [.. Enumerable.Repeat(Payload, AtOnce)],
            }));
            if (done % SnapshotEvery != 0) continue;
            var snapshot = new StoreSnapshot
            {
                Group = "g",
                Index = core.CommitIndex,
                Payload = new byte[SnapshotBytes],
            };
            Step(core, store, now, new SnapshotOffered(snapshot));
            sizes.Add((FileBytes(folder), core.LastIndex - core.FirstIndex));
        }

        sizes.Count.ShouldBe(Entries / SnapshotEvery);
        var early = sizes[2].File;
        sizes.Skip(3).ShouldAllBe(one => one.File <= early + (early / 10));
        sizes.ShouldAllBe(one => one.Kept <= new RaftOptions().TrailingEntries);
        core.CommitIndex.Value.ShouldBe(Entries + 1);
    }

    private static void Step(RaftCore core, ConsensusStore store, long now, params RaftInput[] inputs)
    {
        var output = core.Step(now, inputs);
        store.Commit([("g", output)]);
        if (output.Append is not [.., var last]) return;
        store.Commit([("g", core.Step(now, [new EntriesPersisted(last.Index, last.Term)]))]);
    }

    private static long FileBytes(TestFolder folder) =>
        Directory.GetFiles(folder.Path, "consensus.db*").Sum(file => new FileInfo(file).Length);
}

using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Consensus.Transport;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Driver;

/// <summary>
/// Node n3 lost its disk; one group has it again with its new one, the other names the old one.
/// </summary>
public sealed class DiskRollTests : IDisposable
{
    private const string Old = "the old disk", New = "the new disk";

    private static readonly NodeId Emptied = new("n3");

    private readonly StoreFolder _folder = new();
    private readonly List<PeerMessage> _sent = [];
    private ConsensusStore? _store;
    private IReadOnlyList<GroupRunner> _groups = [];

    public void Dispose()
    {
        _store?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Old, New)]
    [InlineData(New, Old)]
    public void Of_two_disks_the_one_that_is_heard_is_added_and_none_when_none_is(string first, string second)
    {
        var roll = Roll(StoreFolder.Identity, first, second);
        roll.Newcomers.Keys.ShouldNotContain(Emptied);
        Announced(roll, Old, at: 1_000);
        Announced(roll, New, at: 2_000);
        roll.Begin(12_000);
        roll.Newcomers[Emptied].ShouldBe(New);
        roll.Begin(12_001);
        roll.Newcomers.Keys.ShouldNotContain(Emptied);
    }

    [Fact]
    public void A_disk_that_all_groups_name_is_added_though_it_is_silent() =>
        Roll(StoreFolder.Identity, Old, Old).Newcomers[Emptied].ShouldBe(Old);

    [Fact]
    public void Who_is_a_member_of_one_group_only_goes_on_to_announce_itself_each_second()
    {
        var joined = StoreFolder.Identity with { Node = Emptied, Joins = true };
        using (var store = _folder.Open("joined", joined)) Name(store, "lock", store.DiskId);
        var roll = Roll(joined, null, null);
        var heartbeat = new AppendEntries { From = new("n1"), To = Emptied, Term = new(1), RequestId = 1 };
        _groups[0].Core.Step(0, [new PeerReceived(heartbeat)]).Messages.ShouldHaveSingleItem();
        roll.IsMemberOfAny.ShouldBeTrue();
        for (var now = 0; now < 3_000; now += 100) roll.Announce(now);

        _sent.Count(one => one is AnnounceDisk { To.Value: "n1" }).ShouldBe(3);
    }

    private DiskRoll Roll(DiskIdentity identity, string? first, string? second)
    {
        _store = _folder.Open(identity.Joins ? "joined" : "n1", identity);
        if (first is not null) Name(_store, "lock", first);
        if (second is not null) Name(_store, "registry", second);
        var setup = new NodeSetup
        {
            Identity = identity,
            Raft = new RaftOptions(),
            Time = TimeProvider.System,
            Logger = NullLogger.Instance,
            OnFatal = _ => { },
            ScrubInterval = TimeSpan.FromMinutes(1),
            Drops = new DropLog(TimeProvider.System, (_, _) => { }),
            Start = new StartWatch(identity.Node, TimeProvider.System, NullLogger.Instance),
        };
        _groups = [.. identity.Groups.Select(group => new GroupRunner(
            group, new RaftCore(setup.Raft, _store.Restore(group, identity.Node, randomSeed: 1))))];
        return new DiskRoll(setup, _store, _groups, _sent.Add);
    }

    /// <summary>An entry of a group has n3 by that disk.</summary>
    private static void Name(ConsensusStore store, string group, string disk)
    {
        var membership = new GroupMembership
        {
            Members =
            [
                new() { Node = new("n1"), DiskId = "n1's" },
                new() { Node = new("n2"), DiskId = "n2's" },
                new() { Node = Emptied, DiskId = disk },
            ],
        };
        store.Commit([(group, new RaftOutput
        {
            HardState = new(new(1), NodeId.None),
            Append =
            [
                new()
                {
                    Index = new(1),
                    Term = new(1),
                    Kind = EntryKind.Membership,
                    Payload =
                        JsonSerializer.SerializeToUtf8Bytes(membership, ContractJson.Default.GroupMembership),
                },
            ],
        })]);
    }

    private static void Announced(DiskRoll roll, string disk, long at)
    {
        roll.Begin(at);
        roll.Admits(new AnnounceDisk
        {
            ClusterId = StoreFolder.Identity.ClusterId,
            From = Emptied,
            To = StoreFolder.Identity.Node,
            DiskId = disk,
            StartId = "00000001-aaaaaaaa",
            Protocol = PeerProtocol.Spoken,
        }).ShouldBeFalse();
    }
}

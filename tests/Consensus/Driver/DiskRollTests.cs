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
    private string _earlier = "";
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

    [Fact]
    public void Who_is_asked_answers_for_the_starts_of_its_disk_and_refuses_itself_for_one_that_is_none()
    {
        using (var store = _folder.Open()) _earlier = store.StartId;
        var roll = Roll(StoreFolder.Identity, Old, Old);
        var asked = Question(_store!.StartId, _earlier);
        roll.Admits(asked with { AskedStartId = _earlier }).ShouldBeFalse();
        _sent.ShouldBeEmpty();
        roll.Admits(asked).ShouldBeFalse();
        var answer = _sent.ShouldHaveSingleItem().ShouldBeOfType<AnnounceDisk>();
        (answer.To, answer.AskedStartId, answer.EarlierStartId).ShouldBe((asked.From, "", _earlier));

        roll.Admits(Question(_store.StartId, _earlier[..8] + "-copied")).ShouldBeFalse();
        roll.RefusedBecause.ShouldNotBeNull().ShouldContain("hears another process of this node");
        roll.Admits(asked).ShouldBeFalse();
        _sent.Count.ShouldBe(1);
    }

    /// <summary>
    /// Of a copy that was made while the process ran which is heard now, that one is a start too.
    /// </summary>
    [Fact]
    public void A_process_that_was_refused_is_the_last_of_its_folder()
    {
        using (var store = _folder.Open()) _earlier = store.StartId;
        var roll = Roll(StoreFolder.Identity, Old, Old);
        var refusal = new DiskRefused
        {
            ClusterId = StoreFolder.Identity.ClusterId,
            From = Emptied,
            To = StoreFolder.Identity.Node,
            Protocol = PeerProtocol.Spoken,
            KnownDiskId = _store!.DiskId,
            KnownStartId = _earlier,
        };
        roll.Admits(refusal with { RefusedStartId = _earlier }).ShouldBeFalse();
        roll.RefusedBecause.ShouldBeNull("it was for the process before");
        roll.Admits(refusal with { RefusedStartId = _store.StartId }).ShouldBeFalse();
        roll.RefusedBecause.ShouldNotBeNull();

        _store.Dispose();
        roll = Roll(StoreFolder.Identity, null, null);
        roll.RefusedBecause.ShouldNotBeNull().ShouldContain("This one is refused from now on");
        // Whoever starts anew and hears nobody else of this disk would take it for the one that lives.
        roll.Begin(1_000);
        roll.Admits(Announcement(New) with { WantsAnswer = true }).ShouldBeFalse();
        _sent.ShouldBeEmpty();
    }

    [Fact]
    public void Who_heard_another_process_of_a_disk_asks_the_next_one_and_hears_it_when_it_has_answered()
    {
        var roll = Roll(StoreFolder.Identity, New, New);
        var next = Announcement(New) with { StartId = "00000002-bbbbbbbb", WantsAnswer = true };
        Announced(roll, New, at: 1_000);
        roll.Begin(2_000);
        roll.Admits(next).ShouldBeFalse();
        var question = _sent.ShouldHaveSingleItem().ShouldBeOfType<AnnounceDisk>();
        (question.To, question.AskedStartId, question.EarlierStartId)
            .ShouldBe((Emptied, next.StartId, "00000001-aaaaaaaa"));
        _sent.Clear();

        roll.Admits(next with { EarlierStartId = "00000001-aaaaaaaa" }).ShouldBeFalse();
        _sent.ShouldHaveSingleItem().ShouldBeOfType<AnnounceDisk>().AskedStartId.ShouldBe("", "it is heard");
    }

    [Fact]
    public void Who_is_connected_says_so_to_all_members_once()
    {
        using (var store = _folder.Open())
        {
            store.StoreDisk(new("n2"), "n2's");
            store.StoreDisk(Emptied, Old);
        }
        var roll = Roll(StoreFolder.Identity, null, null);
        foreach (var group in _groups)
        {
            var beat = new AppendEntries { From = new("n2"), To = new("n1"), Term = new(1), RequestId = 1 };
            group.Core.Step(0, [new PeerReceived(beat)]);
        }
        roll.Announce(0);
        _sent.Clear();
        roll.Connected();
        for (var now = 0; now < 3_000; now += 100) roll.Announce(now);

        _sent.Cast<AnnounceDisk>().Select(one => (one.To.Value, one.WantsAnswer))
            .ShouldBe([("n2", true), ("n3", true)]);
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
        roll.Admits(Announcement(disk)).ShouldBeFalse();
    }

    private static AnnounceDisk Announcement(string disk) => new()
    {
        ClusterId = StoreFolder.Identity.ClusterId,
        From = Emptied,
        To = StoreFolder.Identity.Node,
        DiskId = disk,
        StartId = "00000001-aaaaaaaa",
        Protocol = PeerProtocol.Spoken,
    };

    private static AnnounceDisk Question(string asked, string earlier) =>
        Announcement(New) with { AskedStartId = asked, EarlierStartId = earlier };
}

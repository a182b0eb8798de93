using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Consensus.Core;
using Muster.Consensus.Storage;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Hosting;
using Shouldly;
using Xunit;
using static Muster.Consensus.Tests.Cluster.StoreFolder;

namespace Muster.Consensus.Tests;

public sealed class StoreTests : IDisposable
{
    private static readonly HardState Voted = new(new(2), new("n2"));

    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_step_stores_is_there_after_a_restart_and_each_group_has_its_own()
    {
        using (var store = Open())
        {
            store.Commit(
            [
                ("lock", new() { HardState = new(new(7), new("n2")), Append = Entries(1, 3, 7) }),
                ("registry", new() { HardState = new(new(2), NodeId.None), Append = Entries(1, 1, 2) }),
            ]);
        }
        using var again = Open(bootstrap: false);
        var locks = Restore(again, "lock");
        locks.HardState.ShouldBe(new HardState(new(7), new("n2")));
        locks.Snapshot.ShouldBeNull();
        Shown(locks).ShouldBe(["1 7 10 Empty 01", "2 7 20 Command 02", "3 7 30 Command 03"]);
        var registry = Restore(again, "registry");
        registry.HardState.ShouldBe(new HardState(new(2), NodeId.None));
        Shown(registry).ShouldBe(["1 2 10 Empty 01"]);
    }

    [Fact]
    public void A_step_truncates_before_it_appends()
    {
        using var store = Open();
        store.Commit([("lock", new RaftOutput { HardState = Voted, Append = Entries(1, 4, 1) })]);
        store.Commit(
            [("lock", new RaftOutput { TruncateFrom = new LogIndex(3), Append = Entries(3, 3, 2) })]);
        Shown(Restore(store, "lock")).ShouldBe(["1 1 10 Empty 01", "2 1 20 Command 02", "3 2 30 Command 03"]);
    }

    [Fact]
    public void A_snapshot_replaces_the_last_one_and_cuts_the_log_before_its_first_index()
    {
        using var store = Open();
        store.Commit([("lock", new() { HardState = Voted, Append = Entries(1, 6, 1) })]);
        store.Commit([("lock", new() { Snapshot = Snapshot(2), FirstIndex = new(1) })]);
        store.Commit([("lock", new RaftOutput { Snapshot = Snapshot(5), FirstIndex = new(4) })]);
        var restored = Restore(store, "lock");
        restored.Snapshot.ShouldNotBeNull();
        restored.Snapshot.Index.ShouldBe(new LogIndex(5));
        restored.Snapshot.Term.ShouldBe(new Term(1));
        restored.Snapshot.LogTime.ShouldBe(50);
        restored.Snapshot.Payload.ShouldBe([5, 5, 5]);
        restored.Entries.Select(entry => entry.Index.Value).ShouldBe([4, 5, 6]);
    }

    [Fact]
    public void An_entry_is_never_written_over()
    {
        using var store = Open();
        store.Commit([("lock", new RaftOutput { Append = Entries(1, 2, 1) })]);
        Should.Throw<SqliteException>(
            () => store.Commit([("lock", new RaftOutput { Append = Entries(2, 2, 9) })]));
    }

    [Fact]
    public void A_members_disk_is_learned_once_for_ever()
    {
        using (var store = Open())
        {
            store.ReadDisks().ShouldBeEmpty();
            store.StoreDisk(new("n2"), "d2");
        }
        using var again = Open();
        again.ReadDisks().ShouldBe(new Dictionary<NodeId, string> { [new("n2")] = "d2" });
        Should.Throw<InvalidOperationException>(() => again.StoreDisk(new("n2"), "other"));
        Should.Throw<InvalidOperationException>(() => again.StoreDisk(new("n9"), "d9"));
    }

    /// <summary>Whose answers count, and to what majority, rests on them.</summary>
    [Theory]
    [InlineData(false, "UPDATE disks SET disk_id = 'd3' WHERE node = 'n2'")]
    [InlineData(false, "UPDATE disks SET disk_id = '' WHERE node = 'n2'")]
    [InlineData(false, "UPDATE disks SET node = 'n4' WHERE node = 'n2'")]
    [InlineData(false, "DELETE FROM disks WHERE node = 'n2'")]
    [InlineData(false, "UPDATE meta SET value = value || 'x' WHERE name = 'disk_id'")]
    [InlineData(false, "UPDATE meta SET value = value || 'x' WHERE name = 'log_id'")]
    [InlineData(true, "DELETE FROM meta WHERE name = 'joined'")]
    public void A_list_of_disks_that_is_not_the_logs_is_refused(bool joins, string damage)
    {
        using (var store = Open(Identity with { Joins = joins }))
        {
            if (joins)
            {
                store.AdoptLog("00000000000a-0123456789abcdef");
            }
            else
            {
                store.StoreDisk(new("n2"), "d2");
                store.StoreDisk(new("n3"), "d3");
            }
        }
        Open(Identity with { Joins = joins }).Dispose();
        using (var store = Open(Identity with { Joins = joins })) store.Execute(damage);
        Refusal(() => Open(Identity with { Joins = joins })).ShouldContain("list of the founders' disks");
    }

    [Fact]
    public void A_disk_keeps_its_id_and_an_emptied_folder_gets_another()
    {
        var first = IdOf(Open());
        IdOf(Open()).ShouldBe(first);
        Directory.Delete(_folder.Of("n1"), recursive: true);
        IdOf(Open()).ShouldNotBe(first);
    }

    [Fact]
    public void A_disk_remembers_which_processes_ran_from_it_and_that_it_is_refused()
    {
        var starts = new List<string>();
        for (var start = 0; start < 3; start++)
        {
            using var store = Open();
            starts.Add(store.StartId);
            store.SupersededBy.ShouldBe("");
            starts.ShouldAllBe(one => store.HasStarted(one));
            store.HasStarted("00000002-another").ShouldBeFalse();
            store.HasStarted("00000009-later").ShouldBeFalse();
            if (start == 2) store.StoreSuperseded("00000002-another");
        }
        starts.Select(one => one[..9]).ShouldBe(["00000001-", "00000002-", "00000003-"]);
        using (var store = Open()) store.SupersededBy.ShouldBe("00000002-another");
        using (var store = Open())
        {
            store.Execute("UPDATE meta SET value = value || '0' WHERE name = 'starts'");
        }
        Refusal(() => Open()).ShouldContain("list of starts");
    }

    [Fact]
    public void Of_the_starts_that_a_disk_no_longer_remembers_any_may_be_one_of_it()
    {
        string[] many = [.. Enumerable.Range(7, StartIds.Most).Select(number => $"{number:x8}-00000000")];
        using (var store = Open())
        {
            store.Execute($"UPDATE meta SET value = '{StartIds.Write(many)}' WHERE name = 'starts'");
        }
        using var next = Open();
        next.StartId.ShouldStartWith($"{StartIds.Most + 7:x8}-");
        next.HasStarted(many[1]).ShouldBeTrue();
        next.HasStarted("00000007-any").ShouldBeTrue();
        next.HasStarted("00000008-any").ShouldBeFalse();
    }

    [Fact]
    public void An_empty_folder_without_bootstrap_is_refused_and_stays_refused()
    {
        Refusal(() => Open(bootstrap: false)).ShouldContain("is empty. To form the new cluster 'c1'");
        Refusal(() => Open(bootstrap: false)).ShouldContain("Consensus:Bootstrap=true");
    }

    [Fact]
    public void A_folder_in_use_is_refused()
    {
        using var store = Open();
        Refusal(() => Open()).ShouldContain("is in use by another process");
    }

    [Fact]
    public void Another_clusters_nodes_or_members_folder_is_refused()
    {
        Open().Dispose();
        Refusal(() => Open(Identity with { ClusterId = "c2" }))
            .ShouldContain("cluster id 'c1', the configuration says 'c2'");
        Refusal(() => Open(Identity with { Node = new("n2") }))
            .ShouldContain("node 'n1', the configuration says 'n2'");
        Refusal(() => Open(Identity with { Members = [new("n1"), new("n2")] }))
            .ShouldContain("members 'n1, n2, n3', the configuration says 'n1, n2'");
    }

    /// <summary>
    /// Nodes that took fewer from their configuration would elect a leader beside that of the others.
    /// </summary>
    [Fact]
    public void A_group_that_never_changed_its_members_keeps_the_founders_whatever_another_group_did()
    {
        var founders = Identity with { Members = [.. Named("n1", "n2", "n3", "n4", "n5")] };
        using (var store = Open(founders))
        {
            var three = new GroupMembership
            {
                Members = [.. Named("n1", "n2", "n3").Select(node => new GroupMember { Node = node })],
            };
            var payload = JsonSerializer.SerializeToUtf8Bytes(three, ContractJson.Default.GroupMembership);
            store.Commit([("lock", new()
            {
                HardState = new(new(1), NodeId.None),
                Append = [Entries(1, 1, 1)[0] with { Kind = EntryKind.Membership, Payload = payload }],
            })]);
        }
        using var again = Open(Identity with { Members = [.. Named("n1", "n2", "n3")] });
        Restore(again, "registry").Members.ShouldBe(founders.Members);
        new RaftCore(new RaftOptions(), Restore(again, "lock")).Membership.Members.Count.ShouldBe(3);

        static IEnumerable<NodeId> Named(params string[] names) => names.Select(name => new NodeId(name));
    }

    [Fact]
    public void A_group_that_the_configuration_forgot_is_refused()
    {
        using (var store = Open())
        {
            store.Commit([("registry", new RaftOutput { HardState = new(new(1), NodeId.None) })]);
        }
        Refusal(() => Open(Identity with { Groups = ["lock"] })).ShouldContain("keeps the groups 'registry'");
    }

    [Fact]
    public void Groups_may_be_added_to_a_folder()
    {
        using (var store = Open())
        {
            store.Commit([("lock", new() { HardState = new(new(7), new("n2")), Append = Entries(1, 3, 7) })]);
        }
        using var again = Open(Identity with { Groups = ["lock", "registry", "detector", "recovery"] });
        Shown(Restore(again, "lock")).Count.ShouldBe(3);
        Restore(again, "recovery").HardState.ShouldBe(new HardState(Term.Zero, NodeId.None));
        again.Commit([("recovery", new() { HardState = Voted, Append = Entries(1, 1, 1) })]);
        Shown(Restore(again, "recovery")).Count.ShouldBe(1);
    }

    private ConsensusStore Open(DiskIdentity? identity = null, bool bootstrap = true) =>
        _folder.Open(identity: identity, bootstrap: bootstrap);

    private static string Refusal(Func<ConsensusStore> open) =>
        Should.Throw<StartRefusedException>(() => open()).Message;

    private static string IdOf(ConsensusStore store)
    {
        using (store) return store.DiskId;
    }

    private static List<LogEntry> Entries(long from, long to, long term)
    {
        var entries = new List<LogEntry>();
        for (var index = from; index <= to; index++)
        {
            var kind = index == 1 ? EntryKind.Empty : EntryKind.Command;
            entries.Add(new()
            {
                Index = new(index),
                Term = new(term),
                LogTime = index * 10,
                Kind = kind,
                Payload = [(byte)index],
            });
        }
        return entries;
    }

    private static GroupSnapshot Snapshot(byte index) =>
        new() { Index = new(index), Term = new(1), LogTime = index * 10, Payload = [index, index, index] };

    private static List<string> Shown(RestoredGroup group) =>
    [
        .. group.Entries.Select(entry =>
            $"{entry.Index} {entry.Term} {entry.LogTime} {entry.Kind} {Convert.ToHexString(entry.Payload)}"),
    ];
}

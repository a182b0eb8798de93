using System.Text;
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

/// <summary>What a store finds at start when its file was changed behind its back.</summary>
public sealed partial class DamageTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public DamageTests()
    {
        using var store = Open();
        store.Commit([("lock", new RaftOutput
        {
            HardState = new(new(7), new("n2")),
            Append = [.. Enumerable.Range(1, 8).Select(Entry)],
        })]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_undamaged_log_has_no_damage()
    {
        var (last, damage) = Read();
        (last, damage).ShouldBe((8, null));
    }

    [Theory]
    [InlineData("UPDATE entries SET payload = x'00' WHERE log_index = 5", 4)]
    [InlineData("UPDATE entries SET term = 8 WHERE log_index = 5", 4)]
    [InlineData("UPDATE entries SET log_time = 1 WHERE log_index = 1", 0)]
    [InlineData("UPDATE entries SET kind = 0 WHERE log_index = 8", 7)]
    [InlineData("UPDATE entries SET checksum = checksum + 1 WHERE log_index = 8", 7)]
    [InlineData("DELETE FROM entries WHERE log_index = 3", 2)]
    [InlineData("DELETE FROM entries WHERE log_index >= 6", 5)]
    [InlineData("DELETE FROM entries", 0)]
    [InlineData("UPDATE entries SET log_index = 99 WHERE log_index = 4", 3)]
    [InlineData("UPDATE entries SET payload = 'text', term = 'text' WHERE log_index = 4", 3)]
    [InlineData("UPDATE entries SET payload = 5 WHERE log_index = 6", 5)]
    [InlineData("UPDATE entries SET kind = kind + 4294967296 WHERE log_index = 6", 5)]
    [InlineData("UPDATE entries SET log_index = 0 WHERE log_index = 5", 4)]
    public void What_is_damaged_and_all_after_it_goes_and_the_loss_is_known(string change, long kept)
    {
        Change(change);
        Read().ShouldBe((kept, new LogDamage(new(8), new(7))));

        // It is written down: the next start finds the same, and a step ends it.
        Read().ShouldBe((kept, new LogDamage(new(8), new(7))));
        using (var store = Open())
        {
            Restore(store);
            store.Commit([("lock", new RaftOutput { IsRepaired = true, Append = [Entry((int)kept + 1)] })]);
        }
        Read().ShouldBe((kept + 1, null));
    }

    [Fact]
    public void A_lost_tail_mark_leaves_the_log_and_is_damage()
    {
        // How far it went is not known then: only an entry of a later leader's term repairs it.
        Change("UPDATE tails SET last_index = 3");
        Read().ShouldBe((8, new LogDamage(new(long.MaxValue), new(7))));
        Change("DELETE FROM tails; DELETE FROM repairs");
        Read().ShouldBe((8, new LogDamage(new(long.MaxValue), new(7))));
        Change("UPDATE repairs SET lost_up_to = 1");
        Read().ShouldBe((8, new LogDamage(new(long.MaxValue), new(7))));
    }

    [Fact]
    public void A_damaged_log_that_nobody_else_has_is_left_as_it_is()
    {
        Change("UPDATE entries SET payload = x'00' WHERE log_index = 5");
        using (var store = Open())
        {
            store.Execute("DELETE FROM disks");
            Should.Throw<StartRefusedException>(() => Restore(store))
                .Message.ShouldContain("damaged after entry 4");
        }
        Execute(_folder.Of("n1"), "SELECT count(*) FROM entries").ShouldBe(8L);
    }

    /// <summary>Only a leader gives anything back, and who does not vote for itself elects none.</summary>
    [Theory]
    [InlineData("n1", "", "n2")]
    [InlineData("n1 n2", "n1", "")]
    [InlineData("n1", "n1 n2", "")]
    public void A_damaged_log_that_no_leader_can_give_back_is_left_as_it_is(
        string voters, string outgoing, string learners)
    {
        Append(voters, outgoing, learners);
        Change("UPDATE entries SET payload = x'00' WHERE log_index = 10");
        Should.Throw<StartRefusedException>(() => Read()).Message.ShouldContain("damaged after entry 9");
        Execute(_folder.Of("n1"), "SELECT count(*) FROM entries").ShouldBe(10L);
    }

    [Theory]
    [InlineData("n2", "", "n1")]
    [InlineData("n1 n2 n3", "n1 n2", "")]
    public void A_damaged_log_that_a_leader_can_give_back_is_cut(
        string voters, string outgoing, string learners)
    {
        Append(voters, outgoing, learners);
        Change("UPDATE entries SET payload = x'00' WHERE log_index = 10");
        Read().ShouldBe((9, new LogDamage(new(10), new(7))));
    }

    [Fact]
    public void A_damaged_snapshot_goes_with_the_whole_log()
    {
        Snapshot(6, first: 4);
        Change("UPDATE snapshots SET payload = x'FF'");
        using var store = Open();
        var restored = Restore(store);
        (restored.Snapshot, restored.Entries.Count, restored.Damage)
            .ShouldBe((null, 0, new LogDamage(new(8), new(7))));
    }

    [Fact]
    public void Damage_before_the_snapshots_index_costs_nothing()
    {
        Snapshot(6, first: 3);
        Change("UPDATE entries SET payload = x'FF' WHERE log_index = 4");
        Read().ShouldBe((8, null));
        Change("DELETE FROM entries WHERE log_index = 6");
        Read().ShouldBe((8, null));
        Change("UPDATE entries SET payload = x'FF' WHERE log_index = 7");
        Read().ShouldBe((6, new LogDamage(new(8), new(7))));
    }

    /// <summary>Its key may have become any; whatever it is, the row is one that nobody needs.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(99)]
    public void A_key_that_went_bad_before_the_snapshots_index_costs_nothing(byte becomes)
    {
        Snapshot(6, first: 3);
        BreakKey(4, becomes);
        using (var store = Open())
        {
            store.Execute("DELETE FROM disks");
            Restore(store).LastIndex.Value.ShouldBe(8);
            store.Execute("INSERT INTO disks(node, disk_id) VALUES('n2', ''), ('n3', '')");
        }
        Read().ShouldBe((8, null));
    }

    /// <summary>It would be in the way of the entry that comes to that index.</summary>
    [Fact]
    public void A_row_that_stands_beyond_the_log_by_its_bad_key_is_gone_after_a_start()
    {
        Snapshot(8, first: 3);
        Change("UPDATE entries SET log_index = 12 WHERE log_index = 8");
        Read().ShouldBe((8, null));
        using (var store = Open())
        {
            Restore(store);
            store.Commit([("lock", new RaftOutput
            {
                Append = [.. Enumerable.Range(9, 6).Select(Entry)],
            })]);
        }
        Read().ShouldBe((14, null));
    }

    [Fact]
    public void A_cut_log_and_a_truncated_one_end_where_they_should()
    {
        using (var store = Open())
        {
            Restore(store);
            store.Commit([("lock", new RaftOutput { TruncateFrom = new LogIndex(5) })]);
        }
        Read().ShouldBe((4, null));
        Snapshot(9, first: 10, truncateFrom: 10);
        Read().ShouldBe((9, null));
    }

    [Theory]
    [InlineData("UPDATE hard_state SET term = 6")]
    [InlineData("UPDATE hard_state SET vote = 'n3'")]
    [InlineData("DELETE FROM hard_state")]
    [InlineData("DELETE FROM hard_state; DELETE FROM entries")]
    public void A_damaged_vote_is_refused(string change)
    {
        Change(change);
        Should.Throw<StartRefusedException>(() => Read()).Message
            .ShouldContain("term and vote of group 'lock'");
    }

    [Fact]
    public void A_file_of_garbage_is_refused()
    {
        var file = Path.Combine(_folder.Of("n1"), "consensus.db");
        File.WriteAllBytes(file, [.. Encoding.ASCII.GetBytes("not a database"), .. new byte[9_000]]);
        Should.Throw<StartRefusedException>(() => Open()).Message.ShouldContain("consensus.db");
    }

    [Fact]
    public void Every_byte_of_the_file_may_be_flipped_and_no_start_takes_a_wrong_entry_or_disk()
    {
        var file = Path.Combine(_folder.Of("n1"), "consensus.db");
        var disks = new Dictionary<NodeId, string> { [new("n2")] = "disk of n2", [new("n3")] = "disk of n3" };
        string ownDisk;
        using (var store = Open())
        {
            foreach (var (node, disk) in disks) store.StoreDisk(node, disk);
            ownDisk = store.DiskId;
        }
        Change("PRAGMA wal_checkpoint(TRUNCATE)");
        var good = File.ReadAllBytes(file);
        var (refused, damaged, harmless) = (0, 0, 0);
        // Each page's used part is at its ends; a prime step comes by every kind of content.
        for (var at = 0; at < good.Length; at += 29)
        {
            var bad = (byte[])good.Clone();
            bad[at] ^= (byte)(1 << (at % 8)); // 29 and 8 have no common divisor: every bit has its turn
            File.WriteAllBytes(file, bad);
            try
            {
                using var store = Open();
                var restored = Restore(store);
                restored.HardState.ShouldBe(new HardState(new(7), new("n2")));
                (store.DiskId, store.HasJoined).ShouldBe((ownDisk, false), $"byte {at}");
                store.ReadDisks().ShouldBe(disks, ignoreOrder: true, $"byte {at}");
                store.ReadFounders().ShouldBe(Identity.Members, $"byte {at}");
                foreach (var entry in restored.Entries)
                {
                    Show(entry).ShouldBe(Show(Entry((int)entry.Index.Value)), $"byte {at}");
                }
                if (restored.Damage is not null) damaged++;
                else if (restored.Entries.Count == 8) harmless++;
                else Assert.Fail($"Byte {at}: entries are missing, and nobody was told.");
            }
            catch (StartRefusedException)
            {
                refused++;
            }
        }
        (refused > 0 && damaged > 0 && harmless > 0).ShouldBeTrue($"{refused} {damaged} {harmless}");
    }

    /// <summary>A file that was held on to would be busy until the garbage collector came by.</summary>
    [Fact]
    public void A_start_that_is_refused_lets_go_of_the_file()
    {
        var file = Path.Combine(_folder.Of("n1"), "consensus.db");
        Change("PRAGMA wal_checkpoint(TRUNCATE)");
        var good = File.ReadAllBytes(file);
        Change("DROP TABLE repairs"); // the statements before the one that needs it are compiled
        Should.Throw<StartRefusedException>(() => Open());
        File.WriteAllBytes(file, good);

        Read().ShouldBe((8, null));
    }

    [Fact]
    public async Task A_damaged_follower_gets_its_log_back_and_votes_again()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        var follower = TestCluster.Names.First(name => name != leader);
        for (byte value = 1; value <= 20; value++)
        {
            await cluster.Client.ProposeAsync(leader, [value]);
        }
        await cluster.AgreedLogAsync(leader);
        await cluster.StopAsync(follower);
        Execute(cluster.Folder.Of(follower), "UPDATE entries SET payload = x'EE' WHERE log_index = 7");

        await cluster.StartAsync(follower);
        await cluster.Log.WaitForAsync(2026, follower);
        await cluster.Log.WaitForAsync(2027, follower);
        (await cluster.AgreedLogAsync(leader)).Where(entry => entry.Kind == EntryKind.Command)
            .Select(entry => (int)entry.Payload.Single()).ShouldBe(Enumerable.Range(1, 20));

        // With the third node gone its vote is needed.
        await cluster.StopAsync(TestCluster.Names.First(name => name != leader && name != follower));
        await cluster.StopAsync(leader);
        await cluster.StartAsync(leader);
        var elected = await cluster.Client.NextElectionAsync();
        await cluster.Client.ProposeAsync(elected.Leader.Value, [21]);
    }

    private void BreakKey(byte key, byte becomes)
    {
        Change("PRAGMA wal_checkpoint(TRUNCATE)");
        WriteKey(key, becomes);
    }

    /// <summary>In the file, where the row stands.</summary>
    private void WriteKey(byte key, byte becomes)
    {
        // A row's values: its group, index, term 7 and log time.
        byte[] row = [.. "lock"u8, key, 7, (byte)(key * 10)];
        using var stream = new FileStream(
            Path.Combine(_folder.Of("n1"), "consensus.db"), FileMode.Open, FileAccess.ReadWrite,
            FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        stream.Position = bytes.AsSpan().IndexOf(row) + 4;
        stream.WriteByte(becomes);
    }

    private ConsensusStore Open() =>
        _folder.Open();

    private (long Last, LogDamage? Damage) Read()
    {
        using var store = Open();
        var restored = Restore(store);
        return (restored.LastIndex.Value, restored.Damage);
    }

    private void Snapshot(long index, long first, long? truncateFrom = null)
    {
        using var store = Open();
        Restore(store);
        store.Commit([("lock", new RaftOutput
        {
            Snapshot = new() { Index = new(index), Term = new(7), LogTime = index, Payload = [1, 2, 3] },
            FirstIndex = new(first),
            TruncateFrom = truncateFrom is { } from ? new LogIndex(from) : null,
        })]);
    }

    private void Change(string sql) => Execute(_folder.Of("n1"), sql);

    /// <summary>A membership, and an entry behind it.</summary>
    private void Append(string voters, string outgoing, string learners)
    {
        var membership = new GroupMembership
        {
            Members = [.. Named(voters, MemberRole.Voter), .. Named(learners, MemberRole.Learner)],
            OutgoingVoters = [.. Named(outgoing, MemberRole.Voter)],
        };
        var payload = JsonSerializer.SerializeToUtf8Bytes(membership, ContractJson.Default.GroupMembership);
        using var store = Open();
        Restore(store);
        store.Commit([("lock", new RaftOutput
        {
            Append = [Entry(9) with { Kind = EntryKind.Membership, Payload = payload }, Entry(10)],
        })]);

        static IEnumerable<GroupMember> Named(string names, MemberRole role) =>
            names.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(name => new GroupMember { Node = new(name), DiskId = name, Role = role });
    }

    private static object? Execute(string folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder}/consensus.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static LogEntry Entry(int index) => new()
    {
        Index = new(index),
        Term = new(7),
        LogTime = index * 10,
        Kind = EntryKind.Command,
        Payload = [(byte)index, 1, 2, 3],
    };

    private static string Show(LogEntry entry) =>
        $"{entry.Index} {entry.Term} {entry.LogTime} {entry.Kind} {Convert.ToHexString(entry.Payload)}";
}

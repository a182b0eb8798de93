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

/// <summary>What a killed process leaves in its write-ahead log, and what damage there does.</summary>
public sealed class WriteAheadLogTests : IDisposable
{
    private const int Transactions = 10;
    private const int FrameBytes = 24 + 4096;

    private readonly StoreFolder _folder = new();
    private readonly byte[] _database;
    private readonly byte[] _log;

    public WriteAheadLogTests()
    {
        using var store = Open("written");
        for (var index = 1; index <= Transactions; index++)
        {
            Append(store, index, new byte[100]);
        }
        // As a kill would leave them: closing the store would empty the log.
        _database = ReadShared("written", "consensus.db");
        _log = ReadShared("written", "consensus.db-wal");
        Directory.CreateDirectory(_folder.Of("left"));
        Leave(_log);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_kill_leaves_is_whole()
    {
        WriteAheadLog.CommitsBehindDamage(LogFile).ShouldBe(0);
        LastIndex().ShouldBe(Transactions);
    }

    [Fact]
    public void A_last_transaction_that_was_torn_was_nobodys_yet()
    {
        Leave(Flipped(_log.Length - 100));
        WriteAheadLog.CommitsBehindDamage(LogFile).ShouldBe(1);
        LastIndex().ShouldBe(Transactions - 1);
    }

    /// <summary>The remains of the first stand behind what is written after it.</summary>
    [Fact]
    public void A_second_torn_transaction_was_nobodys_either()
    {
        byte[] before, log;
        using (var store = Open("left"))
        {
            Restore(store);
            before = ReadShared("left", "consensus.db-wal");
            Append(store, Transactions + 1, new byte[200_000]);
            log = ReadShared("left", "consensus.db-wal");
        }
        Leave(Torn(before, log));

        using (var store = Open("left"))
        {
            Restore(store).LastIndex.Value.ShouldBe(Transactions);
            before = ReadShared("left", "consensus.db-wal");
            Append(store, Transactions + 1, new byte[100]);
            log = ReadShared("left", "consensus.db-wal");
            File.WriteAllBytes(_folder.Of("copy"), ReadShared("left", "consensus.db"));
        }
        Leave(Torn(before, log), File.ReadAllBytes(_folder.Of("copy")));

        LastIndex().ShouldBe(Transactions);
    }

    [Fact]
    public void A_log_that_was_cut_off_is_no_damage()
    {
        Leave(_log[..^(FrameBytes / 2)]);
        LastIndex().ShouldBe(Transactions - 1);
    }

    [Fact]
    public void Wherever_else_a_bit_flips_the_start_is_refused()
    {
        var pagesOfLast = _log.Length - (8 * FrameBytes);
        for (var at = 0; at < pagesOfLast; at += 997)
        {
            Leave(Flipped(at));
            Should.Throw<StartRefusedException>(() => LastIndex(), $"byte {at}: what was synced is gone")
                .Message.ShouldContain("consensus.db-wal is damaged");
        }
    }

    private string LogFile => Path.Combine(_folder.Of("left"), "consensus.db-wal");

    private byte[] Flipped(int at)
    {
        var bytes = (byte[])_log.Clone();
        bytes[at] ^= (byte)(1 << (at % 8));
        return bytes;
    }

    /// <summary>What was written since, but for a bit of its first frame.</summary>
    private static byte[] Torn(byte[] before, byte[] log)
    {
        var first = 0;
        while (first < before.Length && before[first] == log[first])
        {
            first++;
        }
        var torn = (byte[])log.Clone();
        torn[first + 100] ^= 1;
        return torn;
    }

    private static void Append(ConsensusStore store, int index, byte[] payload) =>
        store.Commit([("lock", new RaftOutput
        {
            HardState = new(new(index), new("n2")),
            Append = [new LogEntry { Index = new(index), Term = new(index), Payload = payload }],
        })]);

    private void Leave(byte[] log, byte[]? database = null)
    {
        File.WriteAllBytes(Path.Combine(_folder.Of("left"), "consensus.db"), database ?? _database);
        File.WriteAllBytes(LogFile, log);
    }

    private byte[] ReadShared(string folder, string file)
    {
        using var stream = new FileStream(Path.Combine(_folder.Of(folder), file), FileMode.Open,
            FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private long LastIndex()
    {
        using var store = Open("left");
        return Restore(store).LastIndex.Value;
    }

    private ConsensusStore Open(string folder) =>
        _folder.Open(folder);
}

using CsCheck;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

/// <summary>Properties over random histories; a failure prints the seed of its history.</summary>
public sealed class HistoryTests
{
    private static readonly Gen<int> Seeds = Gen.Int[0, int.MaxValue];

    [Fact]
    public void Snapshot_and_restore_at_every_index_gives_the_digest_and_the_effects_of_plain_replay() =>
        Seeds.Sample(seed =>
        {
            var history = new RandomHistory(seed, length: 60, window: 6_000);
            var (plain, restoredEachTime) = (new LockMachine(), new LockMachine());
            foreach (var (entry, _) in history.Entries)
            {
                var expected = plain.Apply(entry).Select(EffectText.Of);
                var restored = new LockMachine();
                restored.Restore(restoredEachTime.TakeSnapshot());
                restored.Apply(entry).Select(EffectText.Of).ShouldBe(expected);
                restored.Digest().ShouldBe(plain.Digest());
                restoredEachTime = restored;
            }
        }, iter: 80, threads: 2);

    [Fact]
    public void A_machine_restored_once_goes_on_to_the_end_like_plain_replay() => Seeds.Sample(seed =>
    {
        var history = new RandomHistory(seed, length: 40, window: 6_000);
        var plain = new LockMachine();
        var snapshots = history.Entries.Select(item =>
        {
            plain.Apply(item.Entry);
            return plain.TakeSnapshot();
        }).ToList();
        for (var at = 0; at < snapshots.Count; at++)
        {
            var restored = new LockMachine();
            restored.Restore(snapshots[at]);
            foreach (var (entry, _) in history.Entries.Skip(at + 1))
            {
                restored.Apply(entry);
            }
            restored.TakeSnapshot().ShouldBe(snapshots[^1]);
        }
    }, iter: 25, threads: 2);

    [Fact]
    public void One_holder_a_name_growing_tokens_first_come_first_served_and_no_waiter_lost()
    {
        var grants = 0;
        Seeds.Sample(seed =>
        {
            var history = new RandomHistory(seed, length: 120, window: 20_000);
            var machine = new LockMachine();
            var checker = new HistoryChecker(history.Entries.SelectMany(item => item.Commands)
                .Where(command => command.AcquireLock is { ReplyTo: null })
                .Select(command => command.AcquireLock!.CommandId));
            foreach (var (entry, _) in history.Entries)
            {
                checker.Observe(machine, machine.Apply(entry));
            }
            Interlocked.Add(ref grants, checker.Grants);
        }, iter: 200, threads: 2);
        // The histories are no good if hardly anything is granted in them.
        grants.ShouldBeGreaterThan(200 * 12);
    }

    [Fact]
    public void Doubling_every_command_at_later_points_changes_no_lock() => Seeds.Sample(seed =>
    {
        var history = new RandomHistory(seed, length: 80, withCopies: false);
        var (once, doubled) = (new LockMachine(), new LockMachine());
        var random = new Random(seed);
        var copies = history.Entries
            .ToDictionary(item => item.Entry.Index.Value, _ => new List<LockEntryCommand>());
        foreach (var (entry, commands) in history.Entries)
        {
            // Heartbeats are no commands: a later one says that the session lives later.
            foreach (var command in commands.Where(command => command.Heartbeat is null))
            {
                copies[random.NextInt64(entry.Index.Value, history.Entries.Count + 1)].Add(command);
            }
        }
        foreach (var (entry, commands) in history.Entries)
        {
            LockEntryCommand[] all = [.. commands, .. copies[entry.Index.Value]];
            once.Apply(entry);
            doubled.Apply(entry with { Body = LockEntryCodec.Write(new() { Commands = all }) });
            foreach (var name in RandomHistory.LockNames)
            {
                Text(doubled, name).ShouldBe(Text(once, name));
            }
        }
    }, iter: 150, threads: 2);

    private static string Text(LockMachine machine, string name)
    {
        var lockState = machine.Describe(new() { Name = name }).LockDescription;
        return $"{lockState?.Holder} {string.Join(' ', lockState?.Waiters ?? [])}";
    }
}

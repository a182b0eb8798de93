using System.Collections.Concurrent;
using CsCheck;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
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
    public void Only_who_may_hold_together_growing_tokens_first_come_first_served_and_no_waiter_lost()
    {
        var grants = new ConcurrentDictionary<string, int>();
        var (breaks, crashes, leaders, proclaimed) = (0, 0, 0, 0);
        Seeds.Sample(seed =>
        {
            const long window = 20_000;
            var history = new RandomHistory(seed, length: 120, window);
            var machine = new LockMachine();
            var checker = new HistoryChecker(history.WithoutAddress, window);
            foreach (var (entry, _) in history.Entries)
            {
                checker.Observe(machine, machine.Apply(entry));
            }
            foreach (var (kind, count) in checker.Grants)
            {
                grants.AddOrUpdate(kind, count, (_, sum) => sum + count);
            }
            Interlocked.Add(ref breaks, checker.Breaks);
            Interlocked.Add(ref crashes, checker.Crashes);
            Interlocked.Add(ref leaders, checker.Leaders);
            Interlocked.Add(ref proclaimed, checker.Proclaimed);
        }, iter: 200, threads: 2);
        // The histories are no good if hardly anything is granted or broken in them.
        string[] kinds =
            ["Exclusive", "Exclusive several", "Permits", "Shared", "Shared several", "Upgradeable"];
        kinds.ShouldAllBe(kind => grants[kind] > 40, string.Join(' ', grants));
        grants["Upgrade"].ShouldBeGreaterThan(30);
        grants.Values.Sum().ShouldBeGreaterThan(200 * 10);
        breaks.ShouldBeGreaterThan(150);
        crashes.ShouldBeGreaterThan(100);
        leaders.ShouldBeGreaterThan(200 * 2);
        proclaimed.ShouldBeGreaterThan(200);
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

    [Fact]
    public void A_restoration_at_any_point_gives_the_backups_locks_and_only_greater_tokens() =>
        Seeds.Sample(seed =>
        {
            var history = new RandomHistory(seed, length: 80, window: 20_000);
            var random = new Random(seed);
            var (machine, backup, at) = (new LockMachine(), new LockMachine(), random.Next(5, 60));
            foreach (var (entry, _) in history.Entries.Take(at))
            {
                machine.Apply(entry);
            }
            backup.Restore(machine.TakeSnapshot());
            var restoredAt = random.Next(at, 70);
            foreach (var (entry, _) in history.Entries.Skip(at).Take(restoredAt - at))
            {
                machine.Apply(entry);
            }
            var floor = Restore(machine, backup.TakeSnapshot());
            foreach (var name in RandomHistory.LockNames)
            {
                Text(machine, name).ShouldBe(Text(backup, name));
            }
            machine.SessionCount.ShouldBe(backup.SessionCount);
            foreach (var (entry, _) in history.Entries.Skip(restoredAt))
            {
                var effects = machine.Apply(
                    entry with { Index = entry.Index.Next(), IssuedAt = machine.Time });
                foreach (var granted in effects.OfType<LockEffect.Delivery>()
                    .Select(delivery => delivery.Item.Event?.LockGranted).OfType<LockGranted>())
                {
                    granted.FencingToken.ShouldBeGreaterThan(floor);
                    granted.Event!.Epoch.ShouldBe(2);
                    floor = granted.FencingToken;
                }
            }
            backup.Restore(machine.TakeSnapshot());
            backup.Digest().ShouldBe(machine.Digest());
        }, iter: 100, threads: 2);

    /// <summary>In the next entry, at a standing clock.</summary>
    private static FencingToken Restore(LockMachine machine, byte[] state)
    {
        var restoration = new StateRestoration
        {
            CommandId = "restore",
            Kind = LockMachine.MachineKind,
            State = state,
            Checksum = StateRestoration.ChecksumOf(state),
        };
        return machine.Apply(new AppliedEntry
        {
            Index = machine.LastIndex.Next(),
            LogTime = 0,
            IssuedAt = machine.Time,
            Body = LockEntryCodec.Write(new() { Commands = [new() { StateRestoration = restoration }] }),
        }).OfType<LockEffect.Restoration>().Single().Outcome.Restored.ShouldNotBeNull().TokenFloor;
    }

    private static string Text(LockMachine machine, string name)
    {
        var lockState = machine.Describe(new() { Name = name }).LockDescription;
        return $"{string.Join(' ', lockState?.Holders ?? [])} < "
            + string.Join(' ', lockState?.Waiters ?? []);
    }
}

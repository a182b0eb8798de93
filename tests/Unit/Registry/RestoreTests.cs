using System.Text;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Registry;
using Muster.Lock.Machine;
using Muster.Registry.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Registry;

public sealed class RestoreTests
{
    private readonly RegistryBench _bench = new();
    private readonly byte[] _backup;

    public RestoreTests()
    {
        _bench.Register("a", lease: "la", ttl: 5_000);
        _bench.Put("k", "old", id: "put");
        _bench.Pass(1_000);
        _backup = _bench.Machine.TakeSnapshot();
        _bench.Register("late", service: "late");
        _bench.Put("k", "new");
        _bench.Deregister("a");
        _bench.Pass(30_000);
    }

    [Fact]
    public void The_content_comes_back_under_a_greater_epoch_and_the_entrys_index()
    {
        var head = _bench.Machine.EventsHead;
        var restored = _bench.Restore(_backup, "r", epoch: 100, floor: 5_000).Restored.ShouldNotBeNull();
        (restored.Epoch, restored.TokenFloor, restored.Group, restored.Index)
            .ShouldBe((100, FencingToken.None, "registry", new LogIndex(_bench.Index)));
        var view = _bench.Machine.View("web");
        (view.Epoch, view.Index).ShouldBe((100, new LogIndex(_bench.Index)));
        view.Instances.ShouldHaveSingleItem().InstanceId.ShouldBe("a");
        var late = _bench.Machine.View("late");
        (late.Epoch, late.Index, late.Instances.Count).ShouldBe((100, new LogIndex(_bench.Index), 0));
        _bench.Machine.ViewsAfter("", 10, 10).Select(one => one.Service).ShouldBe(["late", "web"]);
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Entry!.Value.ShouldBe("old");
        _bench.Machine.StreamEpoch.ShouldBe(100);
        _bench.Machine.EventsHead.ShouldBe(head);
        _bench.Events.ShouldBeEmpty();
        _bench.Machine.Outbox.Count.ShouldBe(0);
        _bench.Machine.ReadEvents(new() { FromNumber = head }).RegistryEventsRead!.IsTrimmed.ShouldBeTrue();
    }

    [Fact]
    public void Life_goes_on_from_the_backups_time_and_versions_never_come_twice()
    {
        _bench.Restore(_backup, "r");
        _bench.Beat("la").ShouldHaveSingleItem().Status.ShouldBe(RenewalStatus.Renewed);
        _bench.Pass(4_999).ShouldBeEmpty();
        _bench.Pass(1).ShouldHaveSingleItem().InstanceRemoved!.Event.Epoch.ShouldBe(8);
        _bench.Put("k", "x").ConfigWritten!.Version.ShouldBe(3); // "new" was 2
        _bench.Put("k", "y", id: "put").ConfigWritten!.Version.ShouldBe(1); // the backup's repeat
    }

    /// <summary>
    /// The backup's lease may be of a process that is gone, and the one that lives has another.
    /// </summary>
    [Fact]
    public void A_restored_lease_keeps_its_instance_from_nobody_until_its_owner_is_heard()
    {
        _bench.Restore(_backup, "r");
        _bench.Restart();
        _bench.Register("a", lease: "alive", onlyIfAbsent: true).InstanceAccepted.ShouldNotBeNull();
        _bench.Register("a", lease: "late", onlyIfAbsent: true)
            .RegistryRefused!.Reason.ShouldBe(RegistryRefusal.InstanceTaken);

        _bench.Restore(_backup, "again");
        _bench.Beat("la").ShouldHaveSingleItem().Status.ShouldBe(RenewalStatus.Renewed);
        _bench.Restart();
        _bench.Register("a", lease: "alive", onlyIfAbsent: true)
            .RegistryRefused!.Reason.ShouldBe(RegistryRefusal.InstanceTaken);
    }

    [Fact]
    public void A_token_floor_lifts_versions_over_those_of_a_lost_group()
    {
        var other = new RegistryBench(epoch: 3);
        other.Restore(_backup, "r", floor: 1_000_000).Restored!.Epoch.ShouldBe(8);
        other.Put("k", "x", id: "new").ConfigWritten!.Version.ShouldBe(1_000_001);
        var view = other.Machine.View("web");
        view.Index.ShouldBe(new LogIndex(2)); // not the index of the backup's log
        other.Register("b", id: "new too");
        other.Machine.View("web").Index.ShouldBeGreaterThan(view.Index);
    }

    [Fact]
    public void The_same_backup_restored_twice_raises_the_epoch_twice_and_a_repeat_once()
    {
        var first = _bench.Restore(_backup, "r1").Restored!;
        _bench.Put("k", "between");
        _bench.Restart();
        _bench.Restore(_backup, "r1").Restored.ShouldBe(first);
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Entry!.Value.ShouldBe("between");
        var second = _bench.Restore(_backup, "r2").Restored!;
        second.Epoch.ShouldBeGreaterThan(first.Epoch);
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Entry!.Value.ShouldBe("old");
        _bench.Put("k", "after");
        _bench.Restore(_backup, "r1").Restored.ShouldBe(first);
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Entry!.Value.ShouldBe("after");
    }

    [Fact]
    public void The_outbox_keeps_its_owner_and_numbers()
    {
        _bench.Apply(new RegistryEntryCommand { OutboxClaim = new() { Replica = "r1" } });
        var last = _bench.Machine.Outbox.LastNumber;
        _bench.Restore(_backup, "r");
        (_bench.Machine.Outbox.Owner, _bench.Machine.Outbox.Epoch, _bench.Machine.Outbox.PublishedUpTo)
            .ShouldBe(("r1", 1, last));
        _bench.Put("z", "v");
        _bench.Machine.Outbox.From(last + 1, 10).ShouldHaveSingleItem().Number.ShouldBe(last + 1);
    }

    [Fact]
    public void Every_flipped_byte_is_refused_and_changes_nothing()
    {
        var content = Content();
        var random = new Random(1);
        for (var run = 0; run < 200; run++)
        {
            var broken = (byte[])_backup.Clone();
            broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            var checksum = Muster.Replication.Core.StateRestoration.ChecksumOf(_backup);
            _bench.Restore(broken, "r", checksum: checksum).Refused.ShouldNotBeNull();
        }
        Content().ShouldBe(content);
    }

    [Fact]
    public void Garbage_under_its_own_checksum_never_stops_the_machine()
    {
        var random = new Random(2);
        for (var run = 0; run < 300; run++)
        {
            var bench = new RegistryBench();
            var broken = (byte[])_backup.Clone();
            for (var flips = 0; flips <= random.Next(4); flips++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }
            bench.Restore(broken[..random.Next(1, broken.Length + 1)], "r");
            bench.Restart();
            bench.Put("k", "v");
        }
    }

    [Fact]
    public void Another_machines_state_or_an_unfounded_one_is_refused()
    {
        _bench.Restore(new LockMachine().TakeSnapshot(), "r").Refused!.Message
            .ShouldContain("this build knows");
        _bench.Restore(new RegistryMachine().TakeSnapshot(), "r").Refused!.Message.ShouldContain("founded");
        _bench.Restore([], "r").Refused!.Message.ShouldContain("empty");
        _bench.Restore(_backup, "").Refused.ShouldNotBeNull();
        _bench.Restore(_backup, "r", epoch: long.MaxValue).Refused.ShouldNotBeNull();
        _bench.Restore(_backup, "r", floor: -1).Refused.ShouldNotBeNull();
        var lockKind = _bench.Apply(new RegistryEntryCommand
        {
            StateRestoration = new() { CommandId = "r", Kind = "lock", State = _backup },
        });
        lockKind.OfType<RegistryEffect.Restoration>().Single().Outcome.Refused.ShouldNotBeNull();
        _bench.Machine.StreamEpoch.ShouldBe(7);
    }

    [Fact]
    public void A_restoration_proposed_too_long_ago_is_in_doubt()
    {
        var bench = new RegistryBench(window: 10_000);
        bench.Pass(10_000);
        var outcome = bench.Apply(0, 0, new RegistryEntryCommand
        {
            StateRestoration = new()
            {
                CommandId = "r",
                Kind = "registry",
                State = _backup,
                Checksum = Muster.Replication.Core.StateRestoration.ChecksumOf(_backup),
            },
        }).OfType<RegistryEffect.Restoration>().Single().Outcome;
        outcome.Refused!.IsUnknown.ShouldBeTrue();
        bench.Machine.StreamEpoch.ShouldBe(7);
    }

    [Fact]
    public void What_was_proposed_to_the_state_before_is_unknown_and_changes_nothing()
    {
        var before = _bench.Machine.Time;
        var effects = _bench.Apply(
            new RegistryEntryCommand
            {
                StateRestoration = new()
                {
                    CommandId = "r",
                    Kind = "registry",
                    State = _backup,
                    Checksum = Muster.Replication.Core.StateRestoration.ChecksumOf(_backup),
                },
            },
            new RegistryEntryCommand
            {
                PutConfig = new() { CommandId = "p", Key = "k", Value = "v", ExpectedVersion = 1 },
            });
        var late = _bench.Apply(0, before, new RegistryEntryCommand
        {
            PutConfig = new() { CommandId = "q", Key = "k", Value = "v" },
        });
        var beat = _bench.Apply(0, before, new RegistryEntryCommand
        {
            Heartbeat = new Heartbeat { Node = "n", Leases = ["la"] },
        });

        foreach (var reply in effects.Concat(late).OfType<RegistryEffect.Answer>().Select(one => one.Reply))
        {
            reply.RegistryUnknown!.Message.ShouldContain("before the group's state was restored");
        }
        beat.ShouldBeEmpty();
        _bench.Machine.Get(new() { Key = "k" }).ConfigRead!.Entry!.Value.ShouldBe("old");
        // Sent again, it is proposed on the restored state's clock.
        _bench.Put("k", "v", id: "p").ConfigWritten!.Freshness.Epoch.ShouldBe(8);
    }

    private string Content() => Encoding.UTF8.GetString(_bench.Machine.TakeSnapshot())
        .Split("\"services\"")[1];
}

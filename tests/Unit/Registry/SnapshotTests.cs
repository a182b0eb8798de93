using System.Text;
using Muster.Registry.Machine;
using Muster.Unit.Tests.Replication;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Registry;

public sealed class SnapshotTests
{
    private static RegistryBench Busy()
    {
        var bench = new RegistryBench(new() { MaxKeptEvents = 4 });
        bench.Register("a", tags: ["x"]);
        bench.Register("b", lease: "lease-a");
        bench.Register("gone", service: "empty");
        bench.Deregister("gone", service: "empty");
        bench.Put("k", "v");
        bench.Put("k", "w", expected: 9);
        bench.Apply(
            new RegistryEntryCommand { OutboxClaim = new() { Replica = "r1" } },
            new RegistryEntryCommand { OutboxPublished = new() { Epoch = 1, UpTo = 2 } });
        return bench;
    }

    [Fact]
    public void A_restored_machine_has_the_same_bytes_digest_time_and_deadline()
    {
        var machine = Busy().Machine;
        var restored = new RegistryMachine();
        restored.Restore(machine.TakeSnapshot());
        restored.TakeSnapshot().ShouldBe(machine.TakeSnapshot());
        restored.Digest().ShouldBe(machine.Digest());
        (restored.Time, restored.NextDeadline, restored.LastIndex, restored.StreamEpoch)
            .ShouldBe((machine.Time, machine.NextDeadline, machine.LastIndex, machine.StreamEpoch));
        (restored.Outbox.Owner, restored.Outbox.Count, restored.Outbox.LastNumber)
            .ShouldBe(("r1", machine.Outbox.Count, machine.Outbox.LastNumber));
        (restored.Kind, restored.Group, restored.ClusterId).ShouldBe(("registry", "registry", "test"));
    }

    [Fact]
    public void A_fresh_machine_can_be_saved_and_restored()
    {
        var restored = new RegistryMachine();
        restored.Restore(new RegistryMachine().TakeSnapshot());
        restored.IsInitialized.ShouldBeFalse();
        restored.Digest().ShouldBe(new RegistryMachine().Digest());
    }

    /// <summary>
    /// Beside one that took an entry with nothing in it: the index alone makes no difference.
    /// </summary>
    [Fact]
    public void Every_change_of_state_changes_the_digest()
    {
        Action<RegistryBench>[] changes =
        [
            bench => bench.Register("a"), bench => bench.Drain("a"), bench => bench.Put("k", "v"),
            bench => bench.Delete("k"), bench => bench.Pass(1), bench => bench.Beat("lease-a"),
            bench => bench.Deregister("a"),
        ];
        DigestChanges.ShouldCount(
            () => new RegistryBench(), changes, bench => bench.Apply(),
            bench => (bench.Machine.LastIndex.Value, bench.Machine.Digest()));
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "\"machine\":\"registry\"", "\"machine\":\"lock\"" },
        { "\"time\":", "\"time\":\"x\"" },
        { "\"epoch\":7", "\"epoch\":0" },
        { "\"revision\":1", "\"revision\":0" },
        { "\"eventsHead\":5", "\"eventsHead\":3" },
        { "\"publishedUpTo\":2", "\"publishedUpTo\":1" },
        { "\"services\":[", "\"services\":null,\"other\":[" },
        { "\"instanceId\":\"b\"", "\"instanceId\":\"a\"" },
        { "\"view\":{\"service\":\"web\"", "\"view\":{\"service\":\"api\"" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_snapshot_is_refused_and_leaves_the_machine_as_it_was(string part, string wrong)
    {
        var machine = Busy().Machine;
        var text = Encoding.UTF8.GetString(machine.TakeSnapshot().AsSpan(1));
        text.ShouldContain(part);
        byte[] broken = [2, .. Encoding.UTF8.GetBytes(text.Replace(part, wrong, StringComparison.Ordinal))];
        var digest = machine.Digest();
        Should.Throw<FormatException>(() => machine.Restore(broken));
        machine.Digest().ShouldBe(digest);
    }

    [Fact]
    public void An_unknown_version_of_a_snapshot_is_refused()
    {
        var snapshot = Busy().Machine.TakeSnapshot();
        snapshot[0] = 1;
        Should.Throw<FormatException>(() => new RegistryMachine().Restore(snapshot))
            .Message.ShouldContain("version 1;");
        Should.Throw<FormatException>(() => new RegistryMachine().Restore([]));
        Should.Throw<FormatException>(() => new RegistryMachine().Restore("\u0002null"u8));
    }
}

using System.Text;
using Muster.Decisions.Machine;
using Muster.Unit.Tests.Replication;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Decisions;

public sealed class DecisionSnapshotTests
{
    private static DecisionBench Busy()
    {
        var bench = new DecisionBench(new() { MaxKeptEvents = 3 });
        foreach (var key in new[] { "d", "a", "c", "b" })
        {
            bench.Propose(key, "v" + key, proposer: "ann");
        }
        bench.Apply(
            new DecisionEntryCommand { OutboxClaim = new() { Replica = "r1" } },
            new DecisionEntryCommand { OutboxPublished = new() { Epoch = 1, UpTo = 2 } });
        return bench;
    }

    [Fact]
    public void A_machine_made_of_a_snapshot_is_the_same_to_the_byte()
    {
        var bench = Busy();
        var before = bench.Machine;
        bench.Restart();
        var after = bench.Machine;

        after.TakeSnapshot().ShouldBe(before.TakeSnapshot());
        (after.Digest(), after.Time, after.LastIndex, after.StreamEpoch, after.EventsHead).ShouldBe(
            (before.Digest(), before.Time, before.LastIndex, before.StreamEpoch, before.EventsHead));
        (after.Outbox.Owner, after.Outbox.Count, after.Outbox.LastNumber).ShouldBe(("r1", 2, 4));
        after.Outbox.From(3, 9).ShouldBe(before.Outbox.From(3, 9));
        after.ReadEvents(new() { FromNumber = 2 }).DecisionEventsRead!.Events.ShouldBe(
            before.ReadEvents(new() { FromNumber = 2 }).DecisionEventsRead!.Events);
        bench.Propose("e", "ve");
        bench.Events.Single().Event.Number.ShouldBe(5);
    }

    [Fact]
    public void A_fresh_machine_can_be_saved_and_restored()
    {
        var restored = new DecisionsMachine();
        restored.Restore(new DecisionsMachine().TakeSnapshot());
        restored.IsInitialized.ShouldBeFalse();
        restored.Digest().ShouldBe(new DecisionsMachine().Digest());
    }

    /// <summary>
    /// Beside one that took an entry with nothing in it: the index alone makes no difference.
    /// </summary>
    [Fact]
    public void Every_change_of_state_changes_the_digest()
    {
        Action<DecisionBench>[] changes =
        [
            bench => bench.Propose("a", "1"), bench => bench.Propose("b", "1"), bench => bench.Pass(1),
            bench => bench.Apply(new DecisionEntryCommand { OutboxClaim = new() { Replica = "r1" } }),
            bench => bench.Apply(
                new DecisionEntryCommand { OutboxPublished = new() { Epoch = 1, UpTo = 1 } }),
            bench => bench.Restore(bench.Machine.TakeSnapshot()),
        ];
        DigestChanges.ShouldCount(
            () => new DecisionBench(), changes, bench => bench.Apply(),
            bench => (bench.Machine.LastIndex.Value, bench.Machine.Digest()));
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "\"machine\":\"decisions\"", "\"machine\":\"lock\"" },
        { "\"time\":", "\"time\":\"x\"" },
        { "\"epoch\":7,\"lastIndex\"", "\"epoch\":0,\"lastIndex\"" },
        { "\"epoch\":7,\"lastIndex\"", "\"epoch\":6,\"lastIndex\"" },
        { "\"eventsHead\":4", "\"eventsHead\":2" },
        { "\"eventsHead\":4", "\"eventsHead\":5" },
        { "\"key\":\"b\",\"value\"", "\"key\":\"a\",\"value\"" },
        { "\"key\":\"b\",\"value\"", "\"key\":\"other\",\"value\"" },
        { "\"value\":\"va\"", "\"value\":null" },
        { "\"decisions\":[", "\"decisions\":null,\"other\":[" },
        { "\"maxKeys\":100000", "\"maxKeys\":0" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_snapshot_is_refused_and_leaves_the_machine_as_it_was(string part, string wrong)
    {
        var machine = Busy().Machine;
        var text = Encoding.UTF8.GetString(machine.TakeSnapshot().AsSpan(1));
        text.ShouldContain(part);
        byte[] broken = [1, .. Encoding.UTF8.GetBytes(text.Replace(part, wrong, StringComparison.Ordinal))];
        var digest = machine.Digest();
        Should.Throw<FormatException>(() => machine.Restore(broken));
        machine.Digest().ShouldBe(digest);
    }

    [Fact]
    public void A_snapshot_that_is_cut_or_of_another_version_is_a_format_error()
    {
        var good = Busy().Machine.TakeSnapshot();
        foreach (var bad in new byte[][]
        {
            [], [9, .. good[1..]], good[..^5], [1, (byte)'n'], [1, .. "{}"u8],
        })
        {
            Should.Throw<FormatException>(() => new DecisionsMachine().Restore(bad));
        }
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Lock.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Lock;

public sealed class SnapshotTests
{
    private static LockScript Busy()
    {
        var script = new LockScript(new() { MaxKeptEvents = 4 });
        script.Apply("open A; open B; cancel B late seq=9");
        script.Apply("acquire A x a1 seq=1; acquire B x b1 wait=9000 seq=1");
        script.Apply("acquire A x a2 wait=100; acquire B y b2 +30");
        script.Apply("claim r1 0; published 1 2");
        return script;
    }

    [Fact]
    public void A_restored_machine_has_the_same_digest_time_deadline_and_answers()
    {
        var script = Busy();
        var restored = new LockMachine();
        restored.Restore(script.Machine.TakeSnapshot());
        restored.Digest().ShouldBe(script.Machine.Digest());
        restored.TakeSnapshot().ShouldBe(script.Machine.TakeSnapshot());
        restored.Time.ShouldBe(script.Machine.Time);
        restored.NextDeadline.ShouldBe(script.Machine.NextDeadline);
        restored.LastIndex.ShouldBe(script.Machine.LastIndex);
        (restored.Outbox.Owner, restored.Outbox.Epoch, restored.Outbox.Count, restored.Outbox.LastNumber)
            .ShouldBe(("r1", 1, script.Machine.Outbox.Count, script.Machine.Outbox.LastNumber));
        restored.ReadEvents(new() { FromNumber = 1 }).Events.Select(EffectText.Of)
            .ShouldBe(script.Machine.ReadEvents(new() { FromNumber = 1 }).Events.Select(EffectText.Of));
        EffectTextOfDescribe(restored).ShouldBe(EffectTextOfDescribe(script.Machine));
    }

    /// <summary>What an earlier build wrote must stay readable: the names are the format.</summary>
    [Fact]
    public void Outbox_and_events_keep_the_names_of_version_1()
    {
        var script = new LockScript();
        script.Apply("open A; acquire A x a1; acquire A x a2 wait=9; release A x a1 1");
        script.Apply("claim r1 0; published 1 3");

        using var json = JsonDocument.Parse(script.Machine.TakeSnapshot().AsMemory(1));

        var outbox = json.RootElement.GetProperty("outbox");
        NamesOf(outbox).ShouldBe(["owner", "epoch", "publishedUpTo", "items"]);
        NamesOf(outbox.GetProperty("items").EnumerateArray().ShouldHaveSingleItem())
            .ShouldBe(["number", "eventId", "event", "replyTo", "reply", "origin"]);
        json.RootElement.GetProperty("eventsHead").GetInt64().ShouldBe(4);
        json.RootElement.GetProperty("events").EnumerateArray().SelectMany(NamesOf)
            .ShouldBe(["lockGranted", "lockQueued", "lockReleased", "lockGranted"]);
    }

    [Fact]
    public void A_snapshot_from_before_modes_epochs_and_restorations_is_still_read()
    {
        var script = new LockScript();
        script.Apply("open A; acquire A x a1; acquire A x a2 wait=900");
        var snapshot = script.Machine.TakeSnapshot();
        var shape = JsonNode.Parse(snapshot.AsSpan(1))!.AsObject();
        shape.Remove("epoch").ShouldBeTrue();
        shape.Remove("restorations").ShouldBeTrue();
        shape["genesis"]!.AsObject().Remove("epoch").ShouldBeTrue();
        shape.Remove("delays").ShouldBeTrue();
        shape.Remove("namespaces").ShouldBeTrue();
        foreach (var acquire in shape["acquires"]!.AsArray().Select(one => one!.AsObject()))
        {
            acquire["name"] = acquire["claim"]!["names"]![0]!.GetValue<string>();
            acquire.Remove("claim").ShouldBeTrue();
        }
        var restored = new LockMachine();
        restored.Restore([2, .. Encoding.UTF8.GetBytes(shape.ToJsonString())]);
        restored.StreamEpoch.ShouldBe(1);
        restored.TakeSnapshot().ShouldBe(snapshot);
    }

    [Fact]
    public void An_entry_from_before_epochs_founds_the_first_one()
    {
        var machine = new LockMachine();
        var genesis = """{"tokenFloor":7,"commandWindowMilliseconds":60000,"clusterId":"c","group":"g"}""";
        machine.Apply(new()
        {
            Index = new(1),
            LogTime = 0,
            Body = Encoding.UTF8.GetBytes($$"""{"version":1,"commands":[{"genesis":{{genesis}}}]}"""),
        });
        (machine.IsInitialized, machine.StreamEpoch, machine.Group).ShouldBe((true, 1, "g"));
    }

    [Fact]
    public void A_leaders_value_and_a_candidates_survive_the_snapshot()
    {
        var script = Busy();
        script.Apply("campaign A boss a3 value=host-a; campaign B boss b3 value=host-b wait=9000");
        var machine = script.Machine;
        machine.Restore(machine.TakeSnapshot());
        machine.Observe(new() { Election = "boss" }).LeaderObserved!.Leader!.Value.ShouldBe("host-a");
        script.Apply("break muster:election:boss");
        machine.Observe(new() { Election = "boss" }).LeaderObserved!.Leader!.Value.ShouldBe("host-b");
    }

    [Fact]
    public void A_proclaimed_value_and_the_answer_to_it_survive_the_snapshot()
    {
        var script = Busy();
        script.Apply("campaign A boss a3 value=host-a");
        var machine = script.Machine;
        var token = machine.Observe(new() { Election = "boss" }).LeaderObserved!.Leader!.FencingToken;
        script.Apply($"proclaim A boss a3 {token} host-b id=p");
        var head = machine.EventsHead;
        machine.Restore(machine.TakeSnapshot());
        machine.Observe(new() { Election = "boss" }).LeaderObserved!.Leader!.Value.ShouldBe("host-b");
        script.Run($"""
            proclaim A boss a3 {token} host-b id=p
              A <- p: proclaimed boss {token} a3 by event {head}
            """);
    }

    [Fact]
    public void A_fresh_machine_can_be_saved_and_restored()
    {
        var restored = new LockMachine();
        restored.Restore(new LockMachine().TakeSnapshot());
        restored.IsInitialized.ShouldBeFalse();
        restored.Digest().ShouldBe(new LockMachine().Digest());
    }

    [Fact]
    public void Every_change_of_state_changes_the_digest()
    {
        var script = new LockScript();
        var digests = new HashSet<ulong> { script.Machine.Digest() };
        string[] lines = ["open A", "acquire A x a1", "tick +1", "cancel A zz", "claim r1 0", "beat A +1"];
        foreach (var line in lines)
        {
            script.Apply(line);
            digests.Add(script.Machine.Digest()).ShouldBeTrue(line);
        }
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "\"time\":", "\"time\":\"x\"" },
        { "\"sessionId\":\"A\",\"id\":\"a1\"", "\"sessionId\":\"nobody\",\"id\":\"a1\"" },
        { "\"sessionId\":\"A\",\"id\":\"a2\"", "\"sessionId\":\"A\",\"id\":\"a1\"" },
        { "\"lastToken\":2", "\"lastToken\":1" },
        { "\"lastTicket\":4", "\"lastTicket\":3" },
        { "\"token\":1", "\"token\":0" },
        { "\"eventsHead\":4", "\"eventsHead\":3" },
        { "\"publishedUpTo\":2", "\"publishedUpTo\":1" },
        { "\"sessions\":[", "\"sessions\":null,\"other\":[" },
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
        Should.Throw<FormatException>(() => new LockMachine().Restore(snapshot))
            .Message.ShouldContain("version 1;");
        Should.Throw<FormatException>(() => new LockMachine().Restore([]));
        Should.Throw<FormatException>(() => new LockMachine().Restore("\u0002null"u8));
    }

    private static string EffectTextOfDescribe(LockMachine machine)
    {
        var lockState = machine.Describe(new() { Name = "x" }).LockDescription!;
        var waiters = string.Join(' ', lockState.Waiters);
        return $"{string.Join(' ', lockState.Holders)} {waiters} {lockState.Freshness}";
    }

    private static IEnumerable<string> NamesOf(JsonElement element) =>
        element.EnumerateObject().Select(property => property.Name);
}

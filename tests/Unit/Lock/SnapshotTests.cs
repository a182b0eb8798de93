using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Muster.Simulator;
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

    /// <summary>Everything that a snapshot tells apart.</summary>
    private static LockScript Many()
    {
        var script = Busy();
        script.Apply("open C delay=500 node=n/1; open D");
        script.Apply("acquire C s c1 mode=shared; acquire D s d1 mode=shared");
        script.Apply("acquire C p c2 mode=2/5; acquire D p d2 mode=4/5 wait=900; acquire D u,v d3 seq=4");
        script.Apply("acquire C up c3 mode=upgradeable; acquire D up d7 mode=shared");
        script.Apply("acquire D u,w d4 wait=99; upgrade C up c3 7 c4 wait=50");
        script.Apply("acquire C on c7 mode=upgradeable; upgrade C on c7 9 c8");
        script.Apply("acquire D up d5 mode=upgradeable wait=70 to=inbox:x; campaign C boss c5 value=host-a");
        script.Apply("limit t 2/3/4; acquire D t/1 d6 flow=f; crash m/7 3; release C p c2 8");
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

        using var json = JsonDocument.Parse(SnapshotText.Of(script.Machine));

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
        var shape = JsonNode.Parse(SnapshotText.Of(snapshot))!.AsObject();
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
        restored.Restore(SnapshotText.Bytes(shape.ToJsonString(), version: 2));
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
        var text = SnapshotText.Of(machine);
        text.ShouldContain(part);
        var broken = SnapshotText.Bytes(text.Replace(part, wrong, StringComparison.Ordinal), version: 2);
        var digest = machine.Digest();
        Should.Throw<FormatException>(() => machine.Restore(broken));
        machine.Digest().ShouldBe(digest);
    }

    /// <summary>
    /// Of the form that builds before the binary one wrote: the same state, and the same bytes from then on.
    /// </summary>
    [Fact]
    public void What_was_written_as_text_is_read_as_the_same_state()
    {
        foreach (var script in new[] { Busy(), Many() })
        {
            var restored = new LockMachine();
            restored.Restore(SnapshotText.Bytes(SnapshotText.Of(script.Machine)));
            restored.TakeSnapshot().ShouldBe(script.Machine.TakeSnapshot());
        }
    }

    [Fact]
    public void What_is_made_anew_from_a_hold_is_all_that_its_answer_says()
    {
        var text = SnapshotText.Of(Many().Machine);
        text.ShouldContain("\"upgrades\":\"c3\"", customMessage: "one waits");
        text.ShouldContain("\"upgrades\":\"c7\"", customMessage: "one is held");
        // A list within an answer would be compared by its place in memory, and differ between replicas.
        Type[] parts = [typeof(LockGranted), typeof(EventId), typeof(Freshness)];
        parts.SelectMany(part => part.GetProperties())
            .Where(property => property.PropertyType is { IsValueType: false } type && type != typeof(string)
                && !parts.Contains(type))
            .Select(property => property.Name).ShouldBe([nameof(LockGranted.Names)]);
    }

    [Fact]
    public void Whatever_becomes_of_its_bytes_a_snapshot_is_read_or_refused()
    {
        var snapshot = Many().Machine.TakeSnapshot();
        var refused = 0;
        for (var at = 1; at < snapshot.Length; at += 5)
        {
            refused += IsRefused(snapshot[..at]);
            foreach (byte other in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(snapshot[at] ^ 1) })
            {
                var broken = snapshot.ToArray();
                broken[at] = other;
                refused += IsRefused(broken);
            }
        }
        IsRefused([.. snapshot, 0]).ShouldBe(1);
        refused.ShouldBeGreaterThan(2 * (snapshot.Length / 5), "of seven for each byte that is tried");

        static int IsRefused(byte[] broken)
        {
            try
            {
                new LockMachine().Restore(broken);
                return 0;
            }
            catch (FormatException)
            {
                return 1;
            }
        }
    }

    /// <summary>A hold costs the bytes of its names; its answer, which says them again, costs none.</summary>
    [Fact]
    public void A_hold_takes_few_bytes()
    {
        var script = new LockScript();
        script.Apply("open A");
        var before = script.Machine.TakeSnapshot().Length;
        for (var number = 1_000; number < 2_000; number++)
        {
            script.Apply($"acquire A orders/{number} a{number} seq={number} below={number}");
        }
        script.Apply("claim r1 0; published 1 1000");
        script.Apply("acquire A x last seq=2000 below=2000; claim r1 1; published 2 1001");
        ((script.Machine.TakeSnapshot().Length - before - EventBytes(script)) / 1_001.0).ShouldBeLessThan(70);

        static int EventBytes(LockScript script) =>
            JsonNode.Parse(SnapshotText.Of(script.Machine))!["events"]!.ToJsonString().Length;
    }

    /// <summary>One of a command without a sequence, which a group keeps 200,000 of.</summary>
    [Fact]
    public void An_answer_takes_few_bytes()
    {
        var script = new LockScript(new() { MaxKeptEvents = 1 });
        var before = script.Machine.TakeSnapshot().Length;
        for (var number = 1; number <= 1_000; number++)
        {
            var session = Id('5');
            script.Apply($"open {session} id={Id('0')}; acquire {session} jobs/{number} {Id('a')}");
            script.Apply($"release {session} jobs/{number} {Id('a')} {number} id={Id('e')}");
            script.Apply($"close {session} id={Id('c')}");

            string Id(char kind) => $"{number:D8}-{kind}000-4000-8000-{number * 7_919:D12}";
        }
        script.Apply("claim r1 0; published 1 2000");
        ((script.Machine.TakeSnapshot().Length - before) / 4_000.0).ShouldBeLessThan(120);
    }

    [Fact]
    public void What_was_answered_before_a_snapshot_is_answered_behind_it()
    {
        string[] lines =
        [
            "open A; open B delay=900 node=n/1", "acquire A x a1", "acquire B x b1",
            "acquire A s a2 mode=shared", "acquire B p b2 mode=2/5", "acquire A u,v a3", "release A x a1 1",
            "acquire A up a4 mode=upgradeable; upgrade A up a4 5 a5", "campaign B boss b3 value=host",
            "proclaim B boss b3 7 other", "cancel B none id=b4", "release B x b1 9 id=b5", "limit t 2/3/4",
            "acquire A x a6 seq=1; release A x a6 8 id=a7 seq=2; acquire A s a8 seq=3; open C; close C",
            "break p", "resign B boss b3 7 id=b6",
        ];
        var (script, other) = (new LockScript(), new LockScript());
        foreach (var line in lines)
        {
            script.Apply(line);
            other.Apply(line);
        }
        other.Machine.Restore(script.Machine.TakeSnapshot());
        var repeated = lines.Select(line => TextOf(script.Apply(line))).ToList();
        string[] kinds = ["sessionOpened", "sessionClosed", "lockGranted", "lockReleased", "lockRefused"];
        kinds.ShouldAllBe(kind => repeated.Any(text => text.Contains(kind, StringComparison.Ordinal)));
        lines.Select(line => TextOf(other.Apply(line))).ShouldBe(repeated);

        static string TextOf(IEnumerable<LockEffect> effects) => string.Join('\n', effects
            .OfType<LockEffect.Answer>()
            .Select(answer => JsonSerializer.Serialize(answer.Reply, LockSnapshotJson.Default.LockReply)));
    }

    /// <summary>A count of things that cannot follow is no reason to make room for them.</summary>
    [Fact]
    public void A_state_of_zeros_is_refused_before_it_takes_memory()
    {
        var writer = new StateWriter();
        writer.Byte(SnapshotWriter.Version);
        writer.Part("{}"u8);
        writer.Number(10_000_000);
        byte[] state = [.. writer.ToArray(), .. new byte[10_000_000]];
        var machine = new LockMachine();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<FormatException>(() => machine.Restore(state)).Message.ShouldContain("counts more");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2 * state.Length);
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

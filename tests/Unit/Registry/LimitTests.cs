using System.Text.Json;
using Muster.Contracts.Registry;
using Muster.Registry.Machine;
using Muster.Replication.Core;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Registry;

public sealed class LimitTests
{
    public static TheoryData<string, RegisterInstance> Wrong
    {
        get
        {
            var good = new RegisterInstance
            {
                CommandId = "c",
                Service = "s",
                InstanceId = "i",
                LeaseId = "l",
                Host = "h",
            };
            return new()
            {
                { "CommandIdInvalid", good with { CommandId = "" } },
                { "CommandIdInvalid", good with { CommandId = new string('c', 129) } },
                { "InstanceInvalid", good with { Service = "" } },
                { "InstanceInvalid", good with { Service = "a:b" } },
                { "InstanceInvalid", good with { Service = "ä" } },
                { "InstanceInvalid", good with { InstanceId = "a b" } },
                { "InstanceInvalid", good with { LeaseId = "" } },
                { "InstanceInvalid", good with { Host = "" } },
                { "InstanceInvalid", good with { Host = "a\nb" } },
                { "InstanceInvalid", good with { Port = 65_536 } },
                { "InstanceInvalid", good with { Weight = -1 } },
                { "InstanceInvalid", good with { Scheme = new string('s', 33) } },
                { "InstanceInvalid", good with { Tags = [""] } },
                { "InstanceInvalid", good with { Tags = [.. Enumerable.Range(0, 65).Select(i => $"t{i}")] } },
                { "InstanceInvalid", good with { Metadata = Meta("", "v") } },
                { "InstanceInvalid", good with { Metadata = Meta("k", new string('v', 8 * 1024)) } },
                { "TtlOutOfRange", good with { TtlMilliseconds = 999 } },
                { "TtlOutOfRange", good with { TtlMilliseconds = 86_400_001 } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_breaks_a_rule_is_refused_and_changes_nothing(string reason, RegisterInstance register)
    {
        var bench = new RegistryBench();
        bench.Do(new() { RegisterInstance = register }).RegistryRefused!.Reason.ToString().ShouldBe(reason);
        bench.Machine.InstanceCount.ShouldBe(0);
        bench.Machine.EventsHead.ShouldBe(0);
    }

    [Fact]
    public void Keys_and_values_have_bounds()
    {
        var bench = new RegistryBench();
        foreach (var (key, value) in new[]
        {
            ("", "v"), (new string('ä', 257), "v"), ("a\u0001", "v"), ("k", new string('ä', 131_073)),
        })
        {
            bench.Put(key, value).RegistryRefused!.Reason.ShouldBe(RegistryRefusal.ConfigInvalid);
        }
        bench.Put("k", "v", expected: -1).RegistryRefused!.Reason.ShouldBe(RegistryRefusal.ConfigInvalid);
        bench.Put(new string('ä', 256), new string('ä', 131_072)).ConfigWritten.ShouldNotBeNull();
        bench.Put("line", "a\nb\u0000").ConfigWritten.ShouldNotBeNull();
    }

    [Fact]
    public void Before_the_founding_everything_is_refused()
    {
        var machine = new RegistryMachine();
        machine.Resolve(new() { Service = "s" }).RegistryRefused!.Reason.ShouldBe(RegistryRefusal.NotReady);
        var effects = machine.Apply(new AppliedEntry
        {
            Index = new(1),
            LogTime = 1,
            Body = RegistryEntryCodec.Write(new()
            {
                Commands = [new() { PutConfig = new() { CommandId = "c", Key = "k" } }],
            }),
        });
        effects.ShouldHaveSingleItem().ShouldBeOfType<RegistryEffect.Answer>()
            .Reply.RegistryRefused!.Reason.ShouldBe(RegistryRefusal.NotReady);
    }

    [Fact]
    public void Every_limit_refuses_what_is_new_and_lets_the_old_change()
    {
        var bench = new RegistryBench(new()
        {
            MaxServices = 2,
            MaxInstances = 4,
            MaxInstancesPerService = 2,
            MaxInstancesPerLease = 2,
        });
        bench.Register("a", lease: "l").InstanceAccepted.ShouldNotBeNull();
        bench.Register("b", lease: "l").InstanceAccepted.ShouldNotBeNull();
        Full(bench.Register("c")); // of the service
        Full(bench.Register("a", lease: "l", service: "api")); // of the lease
        bench.Register("a", service: "api").InstanceAccepted.ShouldNotBeNull();
        Full(bench.Register("a", service: "third"));
        bench.Register("a", lease: "l", host: "new").InstanceAccepted.ShouldNotBeNull();
        bench.Register("b", service: "api").InstanceAccepted.ShouldNotBeNull();
        bench.Deregister("b", service: "api");
        bench.Deregister("a", service: "api");
        bench.Register("a", service: "third").InstanceAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void Bytes_are_limited_and_given_back()
    {
        var bench = new RegistryBench(
            new() { MaxConfigBytes = 400, MaxConfigKeys = 3, MaxServiceBytes = 900 });
        bench.Put("a", new string('v', 200)).ConfigWritten.ShouldNotBeNull();
        Full(bench.Put("b", new string('v', 200)));
        bench.Put("a", new string('v', 10)).ConfigWritten.ShouldNotBeNull();
        bench.Put("b", new string('v', 100)).ConfigWritten.ShouldNotBeNull();
        bench.Restart();
        Full(bench.Put("c", new string('v', 100)));
        bench.Delete("a");
        bench.Put("c", "v").ConfigWritten.ShouldNotBeNull();
        bench.Register("a", host: new string('h', 150)).InstanceAccepted.ShouldNotBeNull();
        Full(bench.Register("b", host: new string('h', 150)));
        bench.Deregister("a");
        bench.Register("b", host: new string('h', 150)).InstanceAccepted.ShouldNotBeNull();
    }

    /// <summary>A service's instances are one message: what it escapes counts as it is sent.</summary>
    [Theory]
    [InlineData("é")]
    [InlineData("\"")]
    [InlineData("<")]
    [InlineData("語")]
    public void What_a_message_escapes_counts_as_escaped(string character)
    {
        var bench = new RegistryBench(new() { MaxServiceBytes = 1_050 });
        var text = string.Concat(Enumerable.Repeat(character, 25));
        JsonSerializer.Serialize(text).Length.ShouldBe(2 + (25 * 6));

        bench.Register("a", tags: [text]).InstanceAccepted.ShouldNotBeNull();
        Full(bench.Register("b", tags: [text]));
        bench.Register("b", tags: [new string('t', 25)]).InstanceAccepted.ShouldNotBeNull();
    }

    [Fact]
    public void A_full_outbox_takes_nothing_new_but_lets_go_and_recovers()
    {
        var bench = new RegistryBench(new() { MaxOutbox = 2 });
        bench.Register("a", ttl: 1_000);
        bench.Register("b");
        Full(bench.Register("c"));
        Full(bench.Put("k", "v"));
        Full(bench.Drain("b"));
        bench.Register("b").InstanceAccepted.ShouldNotBeNull(); // nothing to tell
        bench.Pass(1_000).Count.ShouldBe(1);
        bench.Deregister("b").InstanceAccepted.ShouldNotBeNull();
        bench.Machine.Outbox.Count.ShouldBe(4);
        bench.Apply(
            new RegistryEntryCommand { OutboxClaim = new() { Replica = "r1" } },
            new RegistryEntryCommand { OutboxPublished = new() { Epoch = 1, UpTo = 4 } });
        bench.Put("k", "v").ConfigWritten.ShouldNotBeNull();
    }

    [Fact]
    public void Unpublished_bytes_count_too()
    {
        var bench = new RegistryBench(new() { MaxOutboxBytes = 1_000 });
        bench.Put("k", new string('v', 1_000)).ConfigWritten.ShouldNotBeNull();
        Full(bench.Put("k", "v"));
        bench.Restart();
        Full(bench.Put("k", "v"));
    }

    [Fact]
    public void Command_ids_are_limited_for_the_window()
    {
        var bench = new RegistryBench(new() { MaxKeptCommandIds = 2 }, window: 10_000);
        bench.Put("a", "v").ConfigWritten.ShouldNotBeNull();
        bench.Put("b", "v", id: "b").ConfigWritten.ShouldNotBeNull();
        // Not kept, so it is no answer for good: the same command is done later.
        bench.Put("c", "v", id: "c").RegistryRefused!.Reason.ShouldBe(RegistryRefusal.Overloaded);
        bench.Put("b", "v", id: "b").ConfigWritten.ShouldNotBeNull();
        bench.Pass(10_000);
        bench.Put("c", "v", id: "c").ConfigWritten.ShouldNotBeNull();
    }

    [Fact]
    public void A_full_window_ages_though_nobody_is_registered()
    {
        var bench = new RegistryBench(new() { MaxKeptCommandIds = 20 }, window: 10_000);
        var first = bench.Machine.Time;
        for (var number = 0; number < 17; number++)
        {
            bench.Put("k", "v", id: $"put-{number}").ConfigWritten.ShouldNotBeNull();
        }
        bench.Machine.NextDeadline.ShouldBeNull("there is a place");
        bench.Put("k", "v", id: "last").ConfigWritten.ShouldNotBeNull();
        bench.Machine.NextDeadline.ShouldNotBeNull()
            .ShouldBeInRange(first + 10_000, bench.Machine.Time + 10_000);
    }

    [Fact]
    public void Whoever_fills_the_remembered_ids_blocks_no_registering_draining_and_deregistering()
    {
        var bench = new RegistryBench(new() { MaxKeptCommandIds = 40 });
        for (var number = 0; number < 36; number++)
        {
            bench.Put("k", "v", id: $"put-{number}").ConfigWritten.ShouldNotBeNull();
        }
        Overloaded(bench.Put("k", "v"));
        Overloaded(bench.Delete("k"));
        bench.Put("k", "v", id: "put-35").ConfigWritten.ShouldNotBeNull();

        bench.Register("a").InstanceAccepted.ShouldNotBeNull();
        bench.Register("b").InstanceAccepted.ShouldNotBeNull();
        Overloaded(bench.Register("c"));

        bench.Drain("a").InstanceAccepted.ShouldNotBeNull();
        bench.Deregister("b", "lease-b").InstanceAccepted.ShouldNotBeNull(); // its lease finds no place
        Overloaded(bench.Deregister("a"));
        bench.Instances().ShouldBe(["a"]);
    }

    [Fact]
    public void Fields_that_are_missing_or_null_are_refused_and_stop_nobody()
    {
        var machine = new RegistryBench().Machine;
        var body = """
            {"version":1,"commands":[
              {"registerInstance":{"commandId":"a","tags":null,"metadata":{"k":null}}},
              {"deregisterInstance":{}},{"drainInstance":{"commandId":"b","service":"s","instanceId":"i"}},
              {"putConfig":{"commandId":"c","key":"k","value":null}},{"deleteConfig":{"commandId":"d"}},
              {"heartbeat":{"leases":[null]}},{"outboxClaim":{}},{"stateRestoration":{"commandId":"e"}}]}
            """u8.ToArray();
        var effects = machine.Apply(new AppliedEntry { Index = new(2), LogTime = 1_001, Body = body });
        effects.OfType<RegistryEffect.Answer>().Select(answer => answer.Reply.RegistryRefused?.Reason)
            .ShouldBe([
                RegistryRefusal.InstanceInvalid, RegistryRefusal.CommandIdInvalid,
                RegistryRefusal.NotRegistered, null, RegistryRefusal.ConfigInvalid,
            ]);
        effects.OfType<RegistryEffect.RenewalAnswer>().Count().ShouldBe(1);
        effects.OfType<RegistryEffect.Restoration>().Single().Outcome.Refused.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"version":2,"commands":[]}""")]
    [InlineData("""{"version":1,"commands":[{}]}""")]
    [InlineData("""{"version":1,"commands":[{"unheardOf":{}}]}""")]
    [InlineData("""{"version":1,"commands":[{"putConfig":{},"deleteConfig":{}}]}""")]
    [InlineData("no json")]
    public void What_cannot_be_read_stops_the_replica_between_two_entries(string body)
    {
        var machine = new RegistryBench().Machine;
        var digest = machine.Digest();
        Should.Throw<FormatException>(() => machine.Apply(new AppliedEntry
        {
            Index = new(2),
            LogTime = 2_000,
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        }));
        machine.Digest().ShouldBe(digest);
    }

    private static Dictionary<string, string> Meta(string key, string value) => new() { [key] = value };

    private static void Overloaded(RegistryReply reply) =>
        reply.RegistryRefused.ShouldNotBeNull().Reason.ShouldBe(RegistryRefusal.Overloaded);

    private static void Full(RegistryReply reply) =>
        reply.RegistryRefused.ShouldNotBeNull().Reason.ShouldBe(RegistryRefusal.LimitReached);
}

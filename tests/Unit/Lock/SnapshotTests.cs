using System.Text;
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
        (restored.OutboxOwner, restored.OutboxEpoch, restored.OutboxCount, restored.OutboxLastNumber)
            .ShouldBe(("r1", 1, script.Machine.OutboxCount, script.Machine.OutboxLastNumber));
        restored.ReadEvents(new() { FromNumber = 1 }).Events.Select(EffectText.Of)
            .ShouldBe(script.Machine.ReadEvents(new() { FromNumber = 1 }).Events.Select(EffectText.Of));
        EffectTextOfDescribe(restored).ShouldBe(EffectTextOfDescribe(script.Machine));
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
        byte[] broken = [1, .. Encoding.UTF8.GetBytes(text.Replace(part, wrong, StringComparison.Ordinal))];
        var digest = machine.Digest();
        Should.Throw<FormatException>(() => machine.Restore(broken));
        machine.Digest().ShouldBe(digest);
    }

    [Fact]
    public void An_unknown_version_of_a_snapshot_is_refused()
    {
        var snapshot = Busy().Machine.TakeSnapshot();
        snapshot[0] = 2;
        Should.Throw<FormatException>(() => new LockMachine().Restore(snapshot))
            .Message.ShouldContain("version 2");
        Should.Throw<FormatException>(() => new LockMachine().Restore([]));
        Should.Throw<FormatException>(() => new LockMachine().Restore("\u0001null"u8));
    }

    private static string EffectTextOfDescribe(LockMachine machine)
    {
        var lockState = machine.Describe(new() { Name = "x" }).LockDescription!;
        var waiters = string.Join(' ', lockState.Waiters);
        return $"{lockState.Holder} {waiters} {lockState.Freshness}";
    }
}

using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

public sealed class RandomRecoveryTests
{
    private const int Histories = 40;
    private const int Entries = 250;

    [Fact]
    public void Any_history_keeps_the_rules_and_goes_on_alike_from_any_snapshot()
    {
        for (var seed = 1; seed <= Histories; seed++)
        {
            Run(seed);
        }
    }

    private static void Run(int seed)
    {
        var history = new RandomRecovery(seed);
        var copy = new RecoveryMachine();
        var cuts = new Random(seed);
        var rules = new Rules(seed);
        for (var i = 0; i < Entries; i++)
        {
            var entry = history.Draw();
            var effects = history.Machine.Apply(entry);
            copy.Apply(entry).Count.ShouldBe(effects.Count, $"seed {seed}");
            copy.Digest().ShouldBe(history.Machine.Digest(), $"seed {seed}, entry {entry.Index}");
            rules.Check(effects, history.Machine);
            if (cuts.Next(15) == 0)
            {
                copy = new();
                copy.Restore(history.Machine.TakeSnapshot());
            }
        }
    }

    /// <summary>What must hold of everything that a machine says, in each of its epochs.</summary>
    private sealed class Rules(int seed)
    {
        private readonly HashSet<(string Group, long Epoch)> _promotions = [];
        private readonly Dictionary<string, long> _versions = [];
        private readonly Dictionary<string, (long Epoch, long Version)> _written = [];
        private readonly HashSet<string> _started = [];
        private readonly HashSet<string> _ended = [];
        private long _epoch;
        private long _number;

        public void Check(IReadOnlyList<RecoveryEffect> effects, RecoveryMachine machine)
        {
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case RecoveryEffect.Delivery { Item: { Event: { } told, EventId: { } id } }:
                        if (id.Epoch == _epoch)
                        {
                            id.Number.ShouldBe(_number + 1, $"seed {seed}");
                        }
                        (_epoch, _number) = (id.Epoch, id.Number);
                        Check(told);
                        break;
                    case RecoveryEffect.Answer { Reply.StateWritten: { } written }:
                        Check(written);
                        break;
                }
            }
            foreach (var name in new[] { "g1", "g2", "g3" })
            {
                var group = machine.Describe(name);
                (group?.Members.Count ?? 0).ShouldBeLessThanOrEqualTo(3, $"seed {seed}");
                if (group is { Primary.Length: > 0 })
                {
                    group.Members.ShouldContain(member => member.Member == group.Primary, $"seed {seed}");
                }
            }
        }

        private void Check(RecoveryEvent told)
        {
            switch (told)
            {
                case { StandbyPromoted: { } promoted }:
                    _promotions.Add((promoted.Group, promoted.GroupEpoch)).ShouldBeTrue(
                        $"seed {seed}: {promoted.Group} has two promotions of epoch {promoted.GroupEpoch}");
                    break;
                case { StateUpdated: { } updated }:
                    _versions[$"{updated.Event.Epoch}/{updated.Group}"] = updated.StateVersion;
                    break;
                case { RecoveryStarted: { } started }:
                    _started.Add(started.RecoveryId).ShouldBeTrue($"seed {seed}");
                    break;
                case { RecoveryCompleted: { } completed }:
                    // A restored backup may end again what has ended after it was taken: in its own epoch.
                    _ended.Add($"{completed.Event.Epoch}/{completed.RecoveryId}")
                        .ShouldBeTrue($"seed {seed}");
                    break;
                case { RecoveryFailed: { } failed }:
                    _ended.Add($"{failed.Event.Epoch}/{failed.RecoveryId}").ShouldBeTrue($"seed {seed}");
                    break;
            }
        }

        private void Check(StateWritten written)
        {
            var epoch = written.Freshness.Epoch;
            if (_written.TryGetValue(written.CommandId, out var first) && first.Epoch == epoch)
            {
                written.StateVersion.ShouldBe(first.Version, $"seed {seed}: a repeat is answered alike");
                return;
            }
            _written[written.CommandId] = (epoch, written.StateVersion);
            if (_versions.TryGetValue($"{epoch}/{written.Group}", out var newest))
            {
                newest.ShouldBeGreaterThanOrEqualTo(written.StateVersion, $"seed {seed}");
            }
        }
    }
}

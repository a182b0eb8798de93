using CsCheck;
using Muster.Contracts.Decisions;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Decisions;

/// <summary>
/// Random histories of proposals, late copies, restarts and restorations against a dictionary that takes the
/// first.
/// </summary>
public sealed class RandomProposalTests
{
    private static readonly Gen<(int Kind, int Key, int Value)> Steps =
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 5], Gen.Int[0, 3]);

    [Fact]
    public void Nothing_is_decided_twice_and_everybody_is_answered_alike() =>
        Steps.Array[1, 60].Sample(steps =>
        {
            var bench = new DecisionBench();
            var decided = new Dictionary<string, Decision>(StringComparer.Ordinal);
            var sent = new List<ProposeValue>();
            var backups = new List<byte[]> { bench.Machine.TakeSnapshot() };
            var events = 0;
            foreach (var (kind, key, value) in steps)
            {
                switch (kind)
                {
                    case 0:
                        bench.Restart();
                        break;
                    case 1:
                        backups.Add(bench.Machine.TakeSnapshot());
                        break;
                    case 2:
                        bench.Restore(backups[(key + value) % backups.Count]).Restored.ShouldNotBeNull();
                        break;
                    case 3 when sent.Count > 0:
                        Propose(sent[(key * value) % sent.Count]);
                        break;
                    default:
                        Propose(new() { CommandId = $"c{sent.Count}", Key = $"k{key}", Value = $"v{value}" });
                        break;
                }
            }
            events.ShouldBe(decided.Count);

            void Propose(ProposeValue propose)
            {
                sent.Add(propose);
                var answer = bench.Do(propose).ValueProposed.ShouldNotBeNull();
                events += bench.Events.Count;
                if (!decided.TryGetValue(propose.Key, out var first))
                {
                    decided[propose.Key] = first = answer.Decision;
                    first.Value.ShouldBe(propose.Value);
                }
                answer.Decision.ShouldBe(first);
                answer.IsOwn.ShouldBe(first.CommandId == propose.CommandId);
            }
        }, iter: 500);
}

using Muster.Consensus.Core;
using Muster.Lock.Machine;
using Muster.Replication.Core;
using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Simulation.Tests;

/// <summary>
/// The simulator sees what it is there for: each deliberate fault of the code violates the property that
/// tells of it within so many seeds, and the same code without it does not (see <see cref="SeedTests"/>).
/// </summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    // The rarest is found once in some hundred seeds; which ones, changes with every change of the cores.
    private const int MostSeeds = 2_000;
    private const long FaultySeconds = 30;

    public static TheoryData<string> Mutations => [.. MutationList.All.Keys];

    [Theory]
    [MemberData(nameof(Mutations))]
    public void A_mutation_is_found(string name)
    {
        var others = new SortedSet<string>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= MostSeeds; seed++)
        {
            var mutation = MutationList.All[name]();
            if (SimulationRun.Run(seed, FaultySeconds, mutation).Failure is not { } failure)
            {
                continue;
            }
            if (mutation.FoundBy.Contains(failure.Property))
            {
                output.WriteLine($"{name}: found by '{failure.Property}' with seed {seed}: {failure.What}");
                return;
            }
            others.Add(failure.Property);
        }
        Assert.Fail($"{name} survives {MostSeeds} seeds; found there: {string.Join(", ", others)}.");
    }

    /// <summary>An exception out of a mutant's own code is no check's finding.</summary>
    [Fact]
    public void A_mutant_that_throws_is_not_found()
    {
        string?[] found =
        [
            SimulationRun.Run(1, FaultySeconds, new ThrowsInNode()).Failure?.Property,
            SimulationRun.Run(1, FaultySeconds, new ThrowsInMachine()).Failure?.Property,
        ];

        found.ShouldBe([SimulationFailure.OfMutant, SimulationFailure.OfMutant]);
    }

    private sealed class ThrowsInNode : Mutation
    {
        public override string Name => "throws-in-node";

        public override RaftOutput OnStep(IRaftNode node, RaftOutput output) =>
            throw new InvalidOperationException("A fault of the mutant.");
    }

    private sealed class ThrowsInMachine : Mutation
    {
        public override string Name => "throws-in-machine";

        public override MachineMutation NewMachineMutation() => new Throwing();

        private sealed class Throwing : MachineMutation
        {
            public override IReadOnlyList<LockEffect> Apply(LockMachine machine, AppliedEntry entry) =>
                throw new InvalidOperationException("A fault of the mutant.");
        }
    }
}

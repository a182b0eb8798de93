using Muster.Simulator;
using Xunit;

namespace Muster.Simulation.Tests;

/// <summary>
/// The simulator sees what it is there for: each deliberate fault of the code violates a property within so
/// many seeds, and the same code without it does not (see <see cref="SeedTests"/>).
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
        for (ulong seed = 1; seed <= MostSeeds; seed++)
        {
            if (SimulationRun.Run(seed, FaultySeconds, MutationList.All[name]()).Failure is { } failure)
            {
                output.WriteLine($"{name}: found by '{failure.Property}' with seed {seed}: {failure.What}");
                return;
            }
        }
        Assert.Fail($"{name} survives {MostSeeds} seeds.");
    }
}

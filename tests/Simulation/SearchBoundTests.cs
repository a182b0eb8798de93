using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Simulation.Tests;

/// <summary>What becomes of a seed is not for a machine's speed to decide.</summary>
public sealed class SearchBoundTests
{
    [Fact]
    public void The_bound_of_a_search_is_a_number_of_steps()
    {
        var (one, other) = (SearchBound.New(), SearchBound.New());

        one.Parallelism.ShouldBe(1);
        var start = one.Time.GetTimestamp();
        other.Time.GetTimestamp().ShouldBe(start);
        one.Time.GetElapsedTime(start).ShouldBe(TimeSpan.FromMilliseconds(4));
        one.Time.GetElapsedTime(start).ShouldBe(TimeSpan.FromMilliseconds(8));
    }
}

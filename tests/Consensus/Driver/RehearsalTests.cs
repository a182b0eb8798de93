using Muster.Consensus.Driver;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests.Driver;

public sealed class RehearsalTests
{
    [Fact]
    public void It_elects_commits_loses_its_leader_and_elects_another()
    {
        var (before, after) = new Rehearsal().Run();
        before.IsNone.ShouldBeFalse();
        after.IsNone.ShouldBeFalse();
        after.ShouldNotBe(before);
    }

    /// <summary>Nobody looks at how it ends: it must not fail.</summary>
    [Fact]
    public async Task A_process_does_it_once()
    {
        await Rehearsal.Begin().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Rehearsal.Begin().IsCompletedSuccessfully.ShouldBeTrue();
    }
}

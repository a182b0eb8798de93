using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Recovery;

/// <summary>A backup is restored whose nodes the detectors have judged since.</summary>
public sealed class RestoredVerdictTests
{
    /// <summary>The backup's primary is not the process that the newest verdict is about.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_primary_whose_node_runs_anew_since_the_backup_is_recovered(bool hasFailedAgain)
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Lead("a");
        script.Join("b");
        var backup = script.Machine.TakeSnapshot();
        script.Fail("a");
        script.Restore("a", "i2");
        if (hasFailedAgain)
        {
            script.Fail("a", "i2");
        }

        RecoverySnapshotTests.Restore(script, backup, "r").Restored.ShouldNotBeNull();

        script.Fence.SessionId.ShouldBe("session-a-i1");
        script.State.Members[0].IsHealthy.ShouldBeFalse();
    }

    [Fact]
    public void A_verdict_that_the_backup_knows_or_on_a_former_process_accuses_nobody_after_it()
    {
        var script = new RecoveryScript();
        script.Policy();
        script.Restore("a", "i0");
        script.Lead("a");
        script.Join("b");
        script.Join("b", incarnation: "i2");
        var backup = script.Machine.TakeSnapshot();
        script.Fail("b");

        RecoverySnapshotTests.Restore(script, backup, "r").Restored.ShouldNotBeNull();

        script.State.Members.ShouldAllBe(member => member.IsHealthy);
    }
}

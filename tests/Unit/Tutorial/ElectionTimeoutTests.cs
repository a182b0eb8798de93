using Muster.Consensus.Core;
using Muster.Contracts.Consensus;
using Muster.Unit.Tests.Raft.Harness;
using Shouldly;
using Xunit;

namespace Muster.Unit.Tests.Tutorial;

public sealed class ElectionTimeoutTests
{
    private static readonly RaftOptions Options = new();

    /// <summary>
    /// The tutorial's fault: a timeout drawn in milliseconds, compared with seconds of silence.
    /// </summary>
    [Fact]
    public void A_follower_stands_for_election_within_the_milliseconds_it_promises()
    {
        StandsInTime(RealStandsAfter).ShouldBeTrue();

        StandsInTime(TutorialStandsAfter).ShouldBeFalse();
        TutorialStandsAfter(1_000 * (Options.ElectionMaxMilliseconds + 1))
            .ShouldBeTrue("it does stand, a thousand times too late");
    }

    private static bool StandsInTime(Func<long, bool> standsAfter) =>
        !standsAfter(Options.ElectionMinMilliseconds - 1) && standsAfter(Options.ElectionMaxMilliseconds);

    private static bool RealStandsAfter(long silenceMilliseconds)
    {
        var node = new DrivenCore(options: Options);
        node.Step();
        node.After(silenceMilliseconds);
        return node.Core.Role != RaftRole.Follower;
    }

    private static bool TutorialStandsAfter(long silenceMilliseconds)
    {
        var silenceSeconds = silenceMilliseconds / 1000.0;
        return silenceSeconds > Options.ElectionMaxMilliseconds;
    }
}

using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Shouldly;

namespace Muster.Recovery.Tests;

/// <summary>
/// The ordinary use of a standby group: members a and b, of which a holds the group's lock.
/// </summary>
internal static class StandbyGroupScript
{
    /// <summary>The lock's token, as a holds it, or another.</summary>
    public static async Task<FencingToken> FormAsync(
        this RecoveryCluster cluster, string session = "session-a", long verifyMilliseconds = 5_000)
    {
        var token = await cluster.LockAsync(session);
        await cluster.LeadAsync("a");
        await cluster.RecoveryAsync<RegisterPolicy, RecoveryAccepted>(new()
        {
            CommandId = Id(),
            Group = RecoveryCluster.Group,
            Lock = RecoveryCluster.LockName,
            VerifyMilliseconds = verifyMilliseconds,
        });
        (await cluster.JoinAsync("b")).Group.Primary.ShouldBe("a");
        (await cluster.WriteAsync("a", 1, 0, [1])).ShouldBeOfType<StateWritten>();
        return token;
    }

    public static async Task<FencingToken> LockAsync(this RecoveryCluster cluster, string session)
    {
        (await cluster.AskAsync<OpenSession, SessionOpened, LockRefused, LockUnknown>(new()
        {
            CommandId = Id(),
            SessionId = session,
            TtlMilliseconds = 600_000,
        })).ShouldBeOfType<SessionOpened>();
        var granted = await cluster.AskAsync<AcquireLock, LockGranted, LockRefused, LockUnknown>(new()
        {
            CommandId = Id(),
            SessionId = session,
            Name = RecoveryCluster.LockName,
        });
        return granted.ShouldBeOfType<LockGranted>().FencingToken;
    }

    public static async Task<RecoveryAccepted> JoinAsync(this RecoveryCluster cluster, string member) =>
        (await cluster.RecoveryAsync<RegisterStandby, RecoveryAccepted>(new()
        {
            CommandId = Id(),
            Group = RecoveryCluster.Group,
            Member = member,
            Node = "node-" + member,
            Incarnation = "i1",
            SessionId = "session-" + member,
        })).ShouldBeOfType<RecoveryAccepted>();

    /// <summary>Joins as the first and confirms that it leads.</summary>
    public static async Task LeadAsync(this RecoveryCluster cluster, string member)
    {
        var group = (await cluster.JoinAsync(member)).Group;
        group.Primary.ShouldBe(member);
        (await cluster.ConfirmAsync(member, group.GroupEpoch)).ShouldBeOfType<RecoveryAccepted>();
    }

    public static async Task<RecoveryAccepted> PromoteAsync(this RecoveryCluster cluster, string member) =>
        (await cluster.RecoveryAsync<PromoteStandby, RecoveryAccepted>(new()
        {
            CommandId = Id(),
            Group = RecoveryCluster.Group,
            Member = member,
        })).ShouldBeOfType<RecoveryAccepted>();

    public static Task<object> WriteAsync(
        this RecoveryCluster cluster, string member, long epoch, long expected, byte[] state) =>
        cluster.RecoveryAsync<UpdateState, StateWritten>(new()
        {
            CommandId = Id(),
            Group = RecoveryCluster.Group,
            Member = member,
            GroupEpoch = epoch,
            ExpectedVersion = expected,
            State = state,
        });

    public static Task<object> ConfirmAsync(this RecoveryCluster cluster, string member, long epoch) =>
        cluster.RecoveryAsync<ConfirmPromotion, RecoveryAccepted>(new()
        {
            CommandId = Id(),
            Group = RecoveryCluster.Group,
            Member = member,
            GroupEpoch = epoch,
        });

    public static async Task<StateRecovered> RecoverAsync(this RecoveryCluster cluster) =>
        (await cluster.RecoveryAsync<RecoverState, StateRecovered>(new()
        {
            CommandId = Id(),
            Group = RecoveryCluster.Group,
        })).ShouldBeOfType<StateRecovered>();

    public static async Task<LockDescription> DescribeLockAsync(this RecoveryCluster cluster) =>
        (await cluster.AskAsync<DescribeLock, LockDescription, LockRefused, LockUnknown>(new()
        {
            CommandId = Id(),
            Name = RecoveryCluster.LockName,
        })).ShouldBeOfType<LockDescription>();

    public static async Task<StandbyPromoted> PromotionAsync(
        this RecoveryCluster cluster, string member, long after = 1)
    {
        StandbyPromoted? Found() => cluster.HeardOf<StandbyPromoted>()
            .FirstOrDefault(one => one.Member == member && one.GroupEpoch > after);
        await cluster.UntilAsync(() => Found() is not null, member + " is promoted");
        return Found()!;
    }

    public static string Id() => Guid.NewGuid().ToString("N");
}

using System.Text;
using Muster.Client;
using Muster.Contracts.Recovery;
using StandbyMember = Muster.Client.StandbyMember;

namespace Muster.Simulator;

/// <summary>
/// A member of a standby group: joins it, and when it is promoted takes the group's lock, confirms, and
/// writes the state for as long as it leads, with the real client's members and the rules of its public
/// calls.
/// </summary>
internal sealed class StandbyUser(ClientProcess client, string group)
{
    private const long VerifyMilliseconds = 2_000;

    private readonly Chance _chance = client.Chance;
    private StandbyMember? _member;
    private Acquire? _acquire;
    private long _epoch;
    private bool _isWriting;

    public static string LockOf(string group) => "lock-of-" + group;

    public void Start() => client.Later(Soon(), Join);

    /// <summary>After each step of the client: the lock may be there, or the lead gone.</summary>
    public void Look()
    {
        if (_member is not { } member || _acquire is not { } acquire)
        {
            return;
        }
        if (!member.Leads(_epoch))
        {
            client.Later(0, () => GiveBack(acquire));
        }
        else if (acquire.Outcome.IsCompleted && !_isWriting)
        {
            _isWriting = true;
            client.Later(_chance.Between(1, 300), () => OnLock(member, acquire));
        }
    }

    private long Soon() => _chance.Between(1, client.World.Plan.LongestThought) * Scheduler.Millisecond;

    private void Join()
    {
        StandbyMember member = null!;
        member = new StandbyMember(new StandbyOptions { Group = group }, client.Name)
        {
            OnPromoted = (promotion, _) =>
                client.Later(_chance.Between(1, 300), () => TakeOver(member, promotion)),
        };
        _member = member;
        client.Step(parts => parts.Standbys.Join(member, reply =>
        {
            if (reply.RecoveryAccepted is null) client.Later(Soon(), () => Leave(member));
            else client.Later(0, () => RegisterPolicy(member));
        }));
    }

    private void RegisterPolicy(StandbyMember member) => Ask(
        call => new()
        {
            RegisterPolicy = new()
            {
                CommandId = call.Id,
                Group = group,
                Lock = LockOf(group),
                VerifyMilliseconds = VerifyMilliseconds,
            },
        },
        reply =>
        {
            if (reply?.RecoveryAccepted is null) Leave(member);
            else client.Later(_chance.Between(2_000, 25_000) * Scheduler.Millisecond, () => Leave(member));
        });

    private void Leave(StandbyMember member)
    {
        client.Step(parts => parts.Standbys.Withdraw(member));
        client.Later(Soon(), Join);
    }

    private void TakeOver(StandbyMember member, StandbyPromotion promotion)
    {
        client.World.Checks.Recovery.OnTakenOver(client.Name, promotion);
        if (member == _member && member.Leads(promotion.GroupEpoch))
        {
            _epoch = promotion.GroupEpoch;
            TakeLock();
        }
    }

    private void TakeLock()
    {
        GiveBack(_acquire);
        var patience = new AcquirePatience(client.LeaseClock, null, client.Options.CallTimeout);
        var claim = Claim.Of(LockRequest.Exclusive(LockOf(group)), flow: "");
        var acquire = new Acquire(claim, patience.Deadline, patience.UnsentLimit)
        {
            Id = client.NewId(),
        };
        (_acquire, _isWriting) = (acquire, false);
        client.Step(parts => parts.Locks.Start(acquire));
    }

    private void OnLock(StandbyMember member, Acquire acquire)
    {
        if (acquire != _acquire || !member.Leads(_epoch))
        {
            return; // the next look gives it back
        }
        if (acquire.Outcome.Result.End != AcquireEnd.Granted)
        {
            client.Later(Soon(), TakeLockAgain);
            return;
        }
        client.Step(parts => parts.Standbys.Confirm(member, _epoch));
        Write(member, acquire);

        void TakeLockAgain()
        {
            if (acquire == _acquire) TakeLock();
        }
    }

    private void GiveBack(Acquire? acquire)
    {
        if (acquire is null || acquire != _acquire)
        {
            return;
        }
        _acquire = null;
        client.Step(_ =>
        {
            LockShards.GiveUp(acquire, AcquireEnd.Cancelled);
            LockShards.Release(acquire);
        });
    }

    /// <summary>Under its lock, as far as it knows; who lost it takes it again first.</summary>
    private void Write(StandbyMember member, Acquire acquire)
    {
        if (acquire != _acquire || member != _member || !member.Leads(_epoch))
        {
            return;
        }
        if (!client.IsHeld(acquire))
        {
            TakeLock();
            return;
        }
        var (epoch, version, state) = (_epoch, member.WriteBase, Encoding.UTF8.GetBytes(client.NewId()));
        Ask(
            call => new()
            {
                UpdateState = new()
                {
                    CommandId = call.Id,
                    Group = group,
                    Member = member.Name,
                    GroupEpoch = epoch,
                    ExpectedVersion = version,
                    State = state,
                },
            },
            reply =>
            {
                OnUpdated(member, epoch, reply);
                client.Later(Soon(), () => Write(member, acquire));
            });
    }

    private void OnUpdated(StandbyMember member, long epoch, RecoveryReply? reply)
    {
        switch (reply)
        {
            case { StateWritten: { } written }:
                client.World.Checks.Recovery.OnAcknowledged(client.Name, written);
                client.StandbyCycles++;
                client.Step(parts => parts.Standbys.OnWritten(member, written));
                break;
            case { RecoveryRefused.Reason: RecoveryRefusal.NotPrimary }:
                client.Step(parts => parts.Standbys.OnNotPrimary(member, epoch));
                break;
            default:
                Recover(member);
                break;
        }
    }

    /// <summary>Nobody knows what became of a write; the next one replaces what is there now.</summary>
    private void Recover(StandbyMember member)
    {
        var before = client.World.Checks.Recovery.Acknowledged(group);
        Ask(
            call => new() { RecoverState = new() { CommandId = call.Id, Group = group } },
            reply =>
            {
                if (reply?.StateRecovered is not { } recovered)
                {
                    return;
                }
                client.World.Checks.Recovery.OnRecovered(
                    client.Name, group, recovered.Group.StateVersion, recovered.State, before);
                var place = Place.Of(recovered.Freshness);
                client.Step(parts =>
                {
                    member.SetWriteBase(recovered.Group.StateVersion, place);
                    parts.Standbys.Learn(member, recovered.Group, place);
                });
            });
    }

    /// <summary>Null: not answered in time. The caller goes on behind the client's step.</summary>
    private void Ask(Func<Call, RecoveryCommand> command, Action<RecoveryReply?> answered) =>
        client.Step(parts => parts.RecoveryCalls.Open(new Call<RecoveryCommand, RecoveryReply>
        {
            Id = client.NewId(),
            Command = command,
            OnAnswer = reply => client.Later(0, () => answered(reply)),
            Timeout = client.Options.CallTimeout,
            OnTimeout = () => client.Later(0, () => answered(null)),
        }));
}

using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;

namespace Muster.Simulator;

/// <summary>
/// Executes recoveries with the real executor's rules: claim what nobody works on, break the lock under the
/// plan's own command id, and tell the log once the lock service has answered. All of it may be done twice.
/// </summary>
internal sealed class PlanExecuting(RecoveryReplica replica)
{
    private const long Pause = 100 * Scheduler.Millisecond;
    private const long Repeat = Scheduler.Second;
    private const long Patience = 1_500 * Scheduler.Millisecond;

    private readonly SortedDictionary<string, Watched> _watched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LockBroken> _broken = new(StringComparer.Ordinal);

    public void Start() => Look();

    /// <summary>What the lock service answers.</summary>
    public void Receive(LockReplyBatch batch)
    {
        foreach (var reply in batch.Replies)
        {
            replica.World.Checks.History.OnAnswer(replica.Name, reply);
            if (reply.LockBroken is { } broken) _broken[broken.CommandId] = broken;
        }
    }

    private void Look()
    {
        var open = replica.Machine.OpenFences;
        foreach (var fence in open)
        {
            Serve(fence);
        }
        foreach (var id in _watched.Keys.Except(open.Select(fence => fence.CommandId)).ToList())
        {
            _watched.Remove(id);
            _broken.Remove(id);
        }
        replica.Later(Pause, Look);
    }

    private void Serve(OpenFence fence)
    {
        var now = replica.Clock.Monotonic;
        if (!_watched.TryGetValue(fence.CommandId, out var watched))
        {
            _watched[fence.CommandId] = watched = new Watched { ClaimEpoch = fence.ClaimEpoch, Since = now };
        }
        if (watched.ClaimEpoch != fence.ClaimEpoch)
        {
            (watched.ClaimEpoch, watched.Since) = (fence.ClaimEpoch, now);
        }
        if (fence.Claimant == replica.Origin)
        {
            Execute(fence, watched, now);
            return;
        }
        var isFree = fence.Claimant.Length == 0 || now - watched.Since >= Patience;
        if (isFree && watched.Claimed.IsDue(now))
        {
            replica.Submit(new()
            {
                ClaimRecovery = new()
                {
                    RecoveryId = fence.RecoveryId,
                    Replica = replica.Origin,
                    ExpectedClaimEpoch = fence.ClaimEpoch,
                },
            });
        }
    }

    private void Execute(OpenFence fence, Watched watched, long now)
    {
        var mutation = replica.World.Mutation;
        if (_broken.TryGetValue(fence.CommandId, out var broken) || mutation.FencesUnasked)
        {
            if (watched.Reported.IsDue(now))
            {
                Report(fence, mutation.FencesWithoutToken ? default : broken?.FencingToken ?? default);
            }
        }
        else if (watched.Asked.IsDue(now))
        {
            Ask(fence);
        }
    }

    private void Report(OpenFence fence, FencingToken token) => replica.Submit(new()
    {
        StepDone = new()
        {
            RecoveryId = fence.RecoveryId,
            ClaimEpoch = fence.ClaimEpoch,
            Step = RecoveryStep.Fence,
            FencingToken = token,
        },
    });

    private void Ask(OpenFence fence) => replica.Link!.Publish(LockIntake.Batches, new LockCommandBatch
    {
        ReplyTo = ReplyAddress.Inbox(replica.Link.Settings.Address),
        Commands =
        [
            new()
            {
                BreakLock = new()
                {
                    CommandId = fence.CommandId,
                    Name = fence.Lock,
                    ExpectedSession = fence.SessionId,
                    Reason = $"The primary {fence.FailedMember} of {fence.Group} failed.",
                },
            },
        ],
    });

    /// <summary>What this replica did for one fence, and since when another's claim stands.</summary>
    private sealed class Watched
    {
        public long ClaimEpoch { get; set; }

        public long Since { get; set; }

        public Repetition Claimed { get; } = new();

        public Repetition Asked { get; } = new();

        public Repetition Reported { get; } = new();
    }

    /// <summary>Something that is done at once, and again after a while.</summary>
    private sealed class Repetition
    {
        private long? _at;

        public bool IsDue(long now)
        {
            if (_at is { } at && now - at < Repeat)
            {
                return false;
            }
            _at = now;
            return true;
        }
    }
}

using Microsoft.Extensions.Logging;
using Muster.Contracts.Recovery;
using Muster.Recovery.Machine;
using Muster.Replication;

namespace Muster.Recovery.Executing;

/// <summary>
/// Executes the steps of recoveries that this replica has claimed, and claims those that nobody works on.
/// Whatever it does can be done twice, and by two at once: the log takes one result of one claim.
/// </summary>
/// <param name="origin">The replica's incarnation: its name in claims.</param>
/// <param name="runtime">The replica.</param>
/// <param name="locks">Breaks the locks.</param>
/// <param name="changed">Raised when there may be something to do.</param>
/// <param name="patience">How long another's claim may stand still.</param>
/// <param name="time">The clock of patience and repeats.</param>
/// <param name="atPoint">A seam for tests; see <see cref="ExecutionPoints"/>.</param>
/// <param name="logger">Where claims and fences are told.</param>
public sealed partial class PlanExecutor(
    string origin, ReplicaRuntime<RecoveryEntryCommand, RecoveryEffect> runtime, LockBreaker locks,
    PlanSignal changed, TimeSpan patience, TimeProvider time, Func<RecoveryStep, string, Task>? atPoint,
    ILogger<PlanExecutor> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // A replica that lags sees plans that are over; what it does for them changes nothing.
            var open = await runtime.InspectAsync(
                (RecoveryMachine machine) => machine.OpenFences, cancellationToken);
            foreach (var fence in open)
            {
                await ServeAsync(fence);
            }
            Forget(open);
            await changed.WaitAsync(Pause, time, cancellationToken);
        }
    }

    private async Task ServeAsync(OpenFence fence)
    {
        var now = time.GetTimestamp();
        if (!_watched.TryGetValue(fence.CommandId, out var watched))
        {
            _watched[fence.CommandId] = watched = new();
        }
        if (watched.ClaimEpoch != fence.ClaimEpoch || watched.Since == 0)
        {
            watched.ClaimEpoch = fence.ClaimEpoch;
            watched.Since = now;
        }
        if (fence.Claimant == origin)
        {
            if (!watched.IsClaimTold)
            {
                watched.IsClaimTold = true;
                await PassAsync(ExecutionPoints.AfterClaim);
            }
            await ExecuteAsync(fence, watched, now);
            return;
        }
        watched.IsClaimTold = false;
        var isFree = fence.Claimant.Length == 0 || time.GetElapsedTime(watched.Since, now) >= patience;
        if (isFree && watched.Claimed.IsDue(time, now, Repeat))
        {
            await PassAsync(ExecutionPoints.BeforeClaim);
            LogClaims(fence.RecoveryId, fence.ClaimEpoch + 1, fence.Claimant);
            runtime.TrySubmit(new()
            {
                ClaimRecovery = new()
                {
                    RecoveryId = fence.RecoveryId,
                    Replica = origin,
                    ExpectedClaimEpoch = fence.ClaimEpoch,
                },
            });
        }
    }

    private async Task ExecuteAsync(OpenFence fence, Watched watched, long now)
    {
        if (locks.Find(fence) is not { } broken)
        {
            if (watched.Asked.IsDue(time, now, Repeat))
            {
                await PassAsync(ExecutionPoints.BeforeBreak);
                locks.Ask(fence);
            }
            return;
        }
        if (watched.Reported.IsDue(time, now, Repeat))
        {
            await PassAsync(ExecutionPoints.AfterBreak);
            LogFenced(fence.RecoveryId, fence.Lock, broken.WasHeld, broken.FencingToken.Value);
            await PassAsync(ExecutionPoints.BeforeReport);
            runtime.TrySubmit(new()
            {
                StepDone = new()
                {
                    RecoveryId = fence.RecoveryId,
                    ClaimEpoch = fence.ClaimEpoch,
                    Step = RecoveryStep.Fence,
                    FencingToken = broken.FencingToken,
                },
            });
            await PassAsync(ExecutionPoints.AfterReport);
        }
    }

    private Task PassAsync(string point) => atPoint?.Invoke(RecoveryStep.Fence, point) ?? Task.CompletedTask;

    private void Forget(IReadOnlyList<OpenFence> open)
    {
        locks.Keep(open);
        foreach (var id in _watched.Keys.Except(open.Select(fence => fence.CommandId)).ToList())
        {
            _watched.Remove(id);
        }
    }

    /// <summary>What this replica did for one fence, and since when another's claim stands.</summary>
    private sealed class Watched
    {
        public long ClaimEpoch { get; set; }

        public long Since { get; set; }

        public bool IsClaimTold { get; set; }

        public Repetition Claimed { get; } = new();

        public Repetition Asked { get; } = new();

        public Repetition Reported { get; } = new();
    }

    /// <summary>Something that is done at once, and again after a while.</summary>
    private sealed class Repetition
    {
        private long? _at;

        public bool IsDue(TimeProvider time, long now, TimeSpan after)
        {
            if (_at is { } at && time.GetElapsedTime(at, now) < after)
            {
                return false;
            }
            _at = now;
            return true;
        }
    }

    [LoggerMessage(7201, LogLevel.Information,
        "Recovery {RecoveryId}: this replica claims it, epoch {ClaimEpoch}; claimed so far by {Claimant}")]
    private partial void LogClaims(string recoveryId, long claimEpoch, string claimant);

    [LoggerMessage(7202, LogLevel.Information,
        "Recovery {RecoveryId}: the lock {Name} is broken (held: {WasHeld}), fencing token {Token}")]
    private partial void LogFenced(string recoveryId, string name, bool wasHeld, long token);
}

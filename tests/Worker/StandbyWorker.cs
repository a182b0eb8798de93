using Muster.Client;
using Muster.Contracts;

namespace Muster.Worker;

/// <summary>
/// A member of a standby group. While it leads it holds the policy's lock and updates the state again and
/// again, without asking whether it still leads: the service is what has to stop a late write.
/// </summary>
internal sealed class StandbyWorker(StandbySettings settings, IMuster muster, TimeProvider time)
{
    // So long, and with no release on a crash, that the lock of a dead primary passes on by being broken and
    // in no other way.
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(10);

    // Whoever is promoted here confirms sooner or later. By default it is followed after 5 s, less than the
    // recovery's replicas, which have to tell it, may take to start on a slow machine.
    private static readonly TimeSpan VerifyTimeout = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource<IStandby> _standby =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<int> RunAsync(StandbySettings settings)
    {
        await using var client = await WorkerClient.ConnectAsync(
            settings.Name, settings.Bus, settings.Cluster, Ttl, crashRelease: false);
        await new StandbyWorker(settings, client, TimeProvider.System).RunAsync();
        return 0;
    }

    private async Task RunAsync()
    {
        _standby.SetResult(await muster.Standbys.JoinAsync(new StandbyOptions
        {
            Group = settings.Group,
            Member = settings.Name,
            Policy = new StandbyPolicy { Lock = settings.Lock, VerifyTimeout = VerifyTimeout },
            OnPromoted = TakeOverAsync,
        }));
        Say(new(settings.Name, StandbyAct.Joined));
        await Task.Delay(Timeout.InfiniteTimeSpan, time);
    }

    private async Task TakeOverAsync(StandbyPromotion promotion, CancellationToken deposed)
    {
        var epoch = promotion.GroupEpoch;
        Say(new(
            settings.Name, StandbyAct.Promoted, epoch, promotion.StateVersion, promotion.FenceToken.Value));
        var handle = await muster.Locks.AcquireAsync(settings.Lock, cancellationToken: deposed);
        Say(new(settings.Name, StandbyAct.Held, epoch, promotion.StateVersion, handle.FencingToken.Value));
        _ = Task.Run(() => WriteAsync(promotion, handle), CancellationToken.None);
    }

    /// <summary>
    /// Until it is refused; then it gives the lock back. A grant that came after it was followed would keep
    /// its own next promotion waiting for ever.
    /// </summary>
    private async Task WriteAsync(StandbyPromotion promotion, ILockHandle handle)
    {
        await using var held = handle;
        var token = handle.FencingToken;
        var standby = await _standby.Task;
        var state = StandbyState.Read(promotion.State);
        while (true)
        {
            try
            {
                var next = state.With(settings.Name);
                var version = await standby.UpdateStateAsync(next.Write());
                state = next;
                Say(new(
                    settings.Name, StandbyAct.Acknowledged, promotion.GroupEpoch, version, token.Value));
                if (settings.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(settings.Pause, time);
                }
            }
            catch (MusterUnknownException)
            {
                Say(new(settings.Name, StandbyAct.Unknown, promotion.GroupEpoch, 0, token.Value));
                state = StandbyState.Read((await standby.RecoverStateAsync()).State);
            }
            catch (MusterRefusedException refused)
            {
                Say(new(
                    settings.Name, StandbyAct.Refused, promotion.GroupEpoch, 0, token.Value,
                    refused.Reason.ToString()));
                return;
            }
        }
    }

    private static void Say(StandbyLine line) => Console.Out.WriteLine(line);
}

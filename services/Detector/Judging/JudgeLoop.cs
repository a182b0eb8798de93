using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Detector.Machine;
using Muster.Hosting;
using Muster.Replication;

namespace Muster.Detector.Judging;

/// <summary>
/// Beats, lets silences tell, and proposes the votes that are due, several times in each interval of the own
/// heartbeats.
/// </summary>
public sealed class JudgeLoop(
    DetectorOptions options, JudgeRoom room, OwnBeats beats, IBusLink link,
    ReplicaRuntime<DetectorEntryCommand, DetectorEffect> runtime, TimeProvider time, ILogger logger)
    : IHealthSource
{
    private const int TicksABeat = 4;

    private bool _wasHearing;

    public string Name => "detector judge " + options.Instance;

    public bool IsReady => runtime.IsCaughtUp && room.IsHearing;

    public string Detail =>
        !link.IsUp ? "judges nobody: not connected to the bus"
        : !room.IsHearing ? "judges nobody: does not hear its own heartbeats come back"
        : !runtime.IsCaughtUp ? "casts no votes: catches up with the log"
        : !room.IsCalm ? "judges, by silence alone: its own connection or many others were just closed"
        : room.IsOverflowing
            ? $"judges {options.MaxNodes} nodes, Detector:MaxNodes, and none of the others that it hears"
        : "judges";

    /// <summary>Runs until it is cancelled, and says that it stops while the link still sends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var last = cancellationToken.Register(() => beats.Send(isLast: true));
        using var timer = new PeriodicTimer(options.HeartbeatInterval / TicksABeat, time);
        try
        {
            do
            {
                if (beats.IsDue)
                {
                    beats.Send();
                }
                room.Tick();
                TellHearing();
                await VoteAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped, as asked.
        }
    }

    /// <summary>
    /// A replica that is behind would compare with what is past; one that hears nothing has nothing to say.
    /// </summary>
    private async Task VoteAsync(CancellationToken cancellationToken)
    {
        if (!runtime.IsCaughtUp || !room.IsHearing)
        {
            return;
        }
        var view = await runtime.InspectAsync(
            (DetectorMachine machine) => machine.ReadVerdicts(), cancellationToken);
        if (view.Detectors.Count == 0)
        {
            return;
        }
        foreach (var vote in room.DueVotes(view))
        {
            // What finds no room now is due again.
            runtime.TrySubmit(new DetectorEntryCommand { Vote = vote });
        }
    }

    private void TellHearing()
    {
        var isHearing = room.IsHearing;
        if (isHearing == _wasHearing)
        {
            return;
        }
        _wasHearing = isHearing;
        if (isHearing)
        {
            logger.JudgesAgain(options.Instance);
        }
        else
        {
            logger.JudgesNobody(options.Instance, Detail);
        }
    }
}

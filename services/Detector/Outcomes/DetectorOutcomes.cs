using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Detector.Outcomes;

/// <summary>What leaves the machine on this replica, entry by entry on the replica's loop.</summary>
/// <param name="states">Who answers restorations.</param>
/// <param name="deliveriesChanged">There are new events to publish.</param>
/// <param name="ages">Hears of each verdict that is reached now.</param>
/// <param name="isLate">The replica is behind the log: what it applies was decided before.</param>
/// <param name="logger">Where verdicts are told.</param>
public sealed class DetectorOutcomes(
    StateIntake<DetectorEntryCommand, DetectorEffect, DetectorMachine> states, Action deliveriesChanged,
    VerdictAges ages, Func<bool> isLate, ILogger logger) : IEffectSink<DetectorEntryCommand, DetectorEffect>
{
    public void Applied(LogIndex index, bool own, IReadOnlyList<DetectorEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        var hasDeliveries = false;
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case DetectorEffect.Restoration restoration when own:
                    states.Answer(restoration.Outcome);
                    break;
                case DetectorEffect.Delivery { Item.Event: { } verdict }:
                    Tell(verdict);
                    if (verdict.NodeFailed is { } failed && !isLate())
                    {
                        ages.Stands(failed.Event);
                    }
                    hasDeliveries = true;
                    break;
            }
        }
        if (hasDeliveries)
        {
            deliveriesChanged();
        }
    }

    /// <summary>Votes are repeated by whoever cast them.</summary>
    public void Unknown(DetectorEntryCommand command)
    {
        if (command?.StateRestoration is { } restoration)
        {
            states.Unknown(restoration);
        }
    }

    public void Refused(DetectorEntryCommand command)
    {
        if (command?.StateRestoration is { } restoration)
        {
            states.Refused(restoration);
        }
    }

    public void TooLarge(DetectorEntryCommand command)
    {
        if (command?.StateRestoration is { } restoration)
        {
            states.TooLarge(restoration);
        }
    }

    private void Tell(DetectorEvent verdict)
    {
        switch (verdict)
        {
            case { NodeSuspected: { } suspected }:
                logger.Suspected(
                    suspected.Node, suspected.Incarnation, suspected.Cause, suspected.Detector,
                    suspected.Event.Number);
                break;
            case { NodeFailed: { } failed }:
                logger.Failed(
                    failed.Node, failed.Incarnation, failed.Cause, string.Join(", ", failed.Detectors),
                    failed.Event.Number);
                break;
            case { NodeRestored: { } restored }:
                logger.Restored(restored.Node, restored.Incarnation, restored.Was, restored.Event.Number);
                break;
            case { NodeLeft: { } left }:
                logger.Left(left.Node, left.Incarnation, left.Event.Number);
                break;
        }
    }
}

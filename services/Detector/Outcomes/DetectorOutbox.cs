using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Detector.Machine;
using Muster.Replication.Core;
using Muster.Serving;

namespace Muster.Detector.Outcomes;

/// <summary>The detectors' events on the bus, and their outbox's words in the log.</summary>
public sealed class DetectorOutbox(IBusLink link, VerdictAges ages)
    : IOutboxService<DetectorEntryCommand, DetectorEvent>
{
    /// <summary>The contracts that leave.</summary>
    public static IEnumerable<Type> Contracts =>
    [
        typeof(NodeSuspected), typeof(NodeFailed), typeof(NodeRestored), typeof(NodeLeft),
        typeof(DetectorEventsHead),
    ];

    public DetectorEntryCommand Claim(OutboxClaim claim) => new() { OutboxClaim = claim };

    public DetectorEntryCommand Published(OutboxPublished published) => new() { OutboxPublished = published };

    public OutgoingEvent ToSend(DetectorEvent one) => one switch
    {
        { NodeSuspected: { } suspected } => OutgoingEvent.Of(link, suspected),
        { NodeFailed: { } failed } => new(
            typeof(NodeFailed), // as old as it is when it leaves
            cancellationToken => link.PublishEventAsync(
                failed with { AgeMilliseconds = ages.Of(failed.Event) }, cancellationToken)),
        { NodeRestored: { } restored } => OutgoingEvent.Of(link, restored),
        { NodeLeft: { } left } => OutgoingEvent.Of(link, left),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new DetectorEventsHead { Group = group, Epoch = streamEpoch, Number = number },
            cancellationToken);
}

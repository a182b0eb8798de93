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

    public Type ContractOf(DetectorEvent one) => one switch
    {
        { NodeSuspected: not null } => typeof(NodeSuspected),
        { NodeFailed: not null } => typeof(NodeFailed),
        { NodeRestored: not null } => typeof(NodeRestored),
        { NodeLeft: not null } => typeof(NodeLeft),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task<bool> PublishAsync(DetectorEvent one, CancellationToken cancellationToken) => one switch
    {
        { NodeSuspected: { } suspected } => link.PublishEventAsync(suspected, cancellationToken),
        { NodeFailed: { } failed } => link.PublishEventAsync(
            failed with { AgeMilliseconds = ages.Of(failed.Event) }, cancellationToken),
        { NodeRestored: { } restored } => link.PublishEventAsync(restored, cancellationToken),
        { NodeLeft: { } left } => link.PublishEventAsync(left, cancellationToken),
        _ => throw new InvalidOperationException("An outbox item's event is of no kind."),
    };

    public Task AnnounceHeadAsync(
        string group, long streamEpoch, long number, CancellationToken cancellationToken) =>
        link.PublishEventAsync(
            new DetectorEventsHead { Group = group, Epoch = streamEpoch, Number = number },
            cancellationToken);
}

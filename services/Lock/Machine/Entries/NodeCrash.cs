using Muster.Contracts.Detector;

namespace Muster.Lock.Machine;

/// <summary>
/// The detectors' verdict that an incarnation of a node has crashed: what its sessions hold passes on. Taken
/// once; a copy ends nothing that the incarnation, alive after all, has begun since.
/// </summary>
public sealed record NodeCrash
{
    private const long MostMilliseconds = 5_000;

    public string Node { get; init; } = "";

    public string Incarnation { get; init; } = "";

    /// <summary>Of the verdict's event in the detectors' stream; the two tell verdicts apart.</summary>
    public long Epoch { get; init; }

    public long Number { get; init; }

    /// <summary>
    /// Null: the verdict is no evidence of a crash, names nothing that a session can, or had stood for too
    /// long when it was published: its node may have come back and opened sessions anew.
    /// </summary>
    public static NodeCrash? Of(NodeFailed failed) =>
        failed is { Cause: FailureCause.Dead, Event: not null, AgeMilliseconds: <= MostMilliseconds }
        && LockValidation.IsNode(failed.Node, failed.Incarnation)
            ? new()
            {
                Node = failed.Node,
                Incarnation = failed.Incarnation,
                Epoch = failed.Event.Epoch,
                Number = failed.Event.Number,
            }
            : null;
}

using Muster.Contracts.Detector;
using Muster.Detector.Judging;
using Muster.Detector.Machine;
using Muster.Replication;
using Muster.Serving;

namespace Muster.Detector.Consumers;

/// <summary>Where every query about nodes enters.</summary>
public sealed class DetectorIntake(
    CommandIntake<DetectorEntryCommand, DetectorEffect, DetectorUnknown> intake,
    ReplicaRuntime<DetectorEntryCommand, DetectorEffect> runtime, ReplyBatches<DetectorUnknown> replies,
    JudgeRoom room)
{
    public void Take(DescribeNodes query, Action settled)
    {
        ArgumentNullException.ThrowIfNull(query);
        intake.Read(
            (DetectorMachine machine) => machine.ReadVerdicts(),
            answer => replies.SendContent(
                query.ReplyTo,
                answer is { IsKnown: true, Result: { } view }
                    ? room.Describe(view, query, runtime.IsCaughtUp)
                    : Unknown(query.CommandId)),
            settled);
    }

    public void Take(ReadDetectorEvents query, Action settled)
    {
        ArgumentNullException.ThrowIfNull(query);
        intake.Read(
            (DetectorMachine machine) => machine.ReadEvents(query),
            answer => replies.SendContent(
                query.ReplyTo, answer.IsKnown ? answer.Result! : Unknown(query.CommandId)),
            settled);
    }

    private static DetectorUnknown Unknown(string commandId) =>
        new() { CommandId = commandId, Message = "No leader confirmed the read in time; ask again." };
}

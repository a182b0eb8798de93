using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>Everything the machine remembers; a snapshot is exactly this.</summary>
internal sealed class RecoveryState
{
    public required MachineClock Clock { get; set; }

    /// <summary>Null until the group is founded.</summary>
    public Genesis? Genesis { get; set; }

    /// <summary>Of answers and events: raised by every restoration.</summary>
    public long Epoch { get; set; } = 1;

    public LogIndex LastIndex { get; set; }

    /// <summary>
    /// A new standby group's epoch is above it: no epoch is used twice, not even by a name that was gone.
    /// </summary>
    public long EpochFloor { get; set; }

    public GroupTable Groups { get; init; } = new();

    public NodeTable Nodes { get; init; } = new();

    public required CommandIdWindow<StoredAnswer> Answers { get; set; }

    public RestorationWindow Restorations { get; set; } = new();

    public Outbox<RecoveryEvent, RecoveryReply> Outbox { get; set; } = new();

    public EventRing<RecoveryEvent> Events { get; set; } = new();

    public RecoveryLimits Limits => Genesis?.Limits ?? RecoveryLimits.Default;

    public Freshness Freshness =>
        new() { ClusterId = Genesis?.ClusterId ?? "", Epoch = Epoch, Index = LastIndex };

    /// <summary>When something falls due by itself: an unconfirmed promotion.</summary>
    public long? FirstDeadline
    {
        get
        {
            long? first = null;
            foreach (var group in Groups.Recovering)
            {
                if (group.Plan is { Step: RecoveryStep.Verify } plan && !(plan.Deadline >= first))
                {
                    first = plan.Deadline;
                }
            }
            return first;
        }
    }
}

/// <summary>
/// What a command was answered, for its repeats. An accepted one is answered with its group as it is by then,
/// which is what the answer means, and which need not be kept.
/// </summary>
internal sealed record StoredAnswer(CommandSubject Subject, RecoveryRefusal? Reason, string Message);

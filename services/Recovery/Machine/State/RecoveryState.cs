using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>Everything the machine remembers; a snapshot is exactly this.</summary>
internal sealed class RecoveryState
{
    /// <summary>One of so many places for command ids is the operators'.</summary>
    private const int OperatorsShare = 64;

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

    /// <summary>
    /// Command ids that members may use up: whoever repairs what they do finds room for his own.
    /// </summary>
    public int MostMembersIds => Answers.Capacity - (Answers.Capacity / OperatorsShare);

    /// <summary>
    /// When something falls due by itself: an unconfirmed promotion, and while no id has room the end of the
    /// oldest, which without entries would never come.
    /// </summary>
    public long? FirstDeadline
    {
        get
        {
            var first = Answers.NextPlace(MostMembersIds);
            foreach (var group in Groups.Recovering)
            {
                if (group.Plan is { Step: RecoveryStep.Verify } plan)
                {
                    first = MachineClock.Earlier(first, plan.Deadline);
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

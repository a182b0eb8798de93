using Muster.Contracts;
using Muster.Contracts.Recovery;
using Muster.Replication.Core;

namespace Muster.Recovery.Machine;

/// <summary>
/// What a replica reads between two entries; the caller has seen to it that the state is new enough.
/// </summary>
public sealed partial class RecoveryMachine
{
    public const string StateKind = "recovery";
    public const int MaxReadEvents = 1_000;

    public string Kind => StateKind;

    /// <summary>The group is founded: see <see cref="Genesis"/>.</summary>
    public bool IsInitialized => _state.Genesis is not null;

    public string Group => _state.Genesis?.Group ?? "";

    public LogIndex LastIndex => _state.LastIndex;

    public long StreamEpoch => _state.Epoch;

    /// <summary>The newest event's number.</summary>
    public long EventsHead => _state.Events.Head;

    public IOutboxReader<RecoveryEvent, RecoveryReply> Outbox => _state.Outbox;

    public int GroupCount => _state.Groups.Count;

    /// <summary>The steps that wait for a replica to do them, by group.</summary>
    public IReadOnlyList<OpenFence> OpenFences =>
        [.. _state.Groups.Recovering
            .Select(group => group.Plan!)
            .Where(plan => plan.Step == RecoveryStep.Fence)
            .Select(plan => new OpenFence(
                plan.Id, plan.Group, plan.Lock, plan.Failed.SessionId, plan.FailedMember,
                plan.Fences, plan.ClaimEpoch, plan.Claimant))];

    /// <summary>Recoveries under way, and promotions that are not verified yet.</summary>
    public int PlanCount => _state.Groups.Recovering.Count();

    /// <summary>Null when there is no such group.</summary>
    public StandbyGroup? Describe(string group) =>
        _state.Groups.Find(group) is { } known ? GroupView.Of(known) : null;

    /// <summary>A <see cref="StateRecovered"/>, or <see cref="RecoveryRefused"/>.</summary>
    public RecoveryReply Recover(RecoverState query)
    {
        if (!IsInitialized)
        {
            return Refuse(
                query.CommandId,
                new(RecoveryRefusal.NotReady, "The recovery group is not founded yet."));
        }
        if (RecoveryValidation.CheckName("group", query.Group) is { } wrong)
        {
            return Refuse(query.CommandId, wrong);
        }
        return _state.Groups.Find(query.Group) is { } group
            ? new()
            {
                StateRecovered = new()
                {
                    CommandId = query.CommandId,
                    Group = GroupView.Of(group),
                    State = group.State,
                    Freshness = _state.Freshness,
                },
            }
            : Refuse(query.CommandId, GroupCommands.NoGroup(query.Group));
    }

    /// <summary>Events from a number on, or none when that number is no longer kept.</summary>
    public RecoveryEventsRead ReadEvents(ReadRecoveryEvents query)
    {
        var isTrimmed = query.FromNumber < _state.Events.First;
        return new()
        {
            CommandId = query.CommandId,
            Group = Group,
            Head = _state.Events.Head,
            Events = isTrimmed ? [] : _state.Events.From(query.FromNumber, MaxReadEvents),
            IsTrimmed = isTrimmed,
            Freshness = _state.Freshness,
        };
    }

    private RecoveryReply Refuse(string commandId, Refusal refusal) => new()
    {
        RecoveryRefused = new()
        {
            CommandId = commandId,
            Reason = refusal.Reason,
            Message = refusal.Message,
            Freshness = _state.Freshness,
        },
    };
}

/// <summary>A failed primary's lock that is to be broken, and who has claimed to do it.</summary>
public sealed record OpenFence(
    string RecoveryId, string Group, string Lock, string SessionId, string FailedMember,
    long Number, long ClaimEpoch, string Claimant)
{
    /// <summary>
    /// The same whoever sends it: a second executor's BreakLock is a copy of the first one's, and the next
    /// fence of the same recovery is another command.
    /// </summary>
    public string CommandId { get; } = $"fence-{RecoveryId}-{Number}";
}

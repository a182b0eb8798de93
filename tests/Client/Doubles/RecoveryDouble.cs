using Muster.Contracts;
using Muster.Contracts.Recovery;

namespace Muster.Client.Tests.Doubles;

/// <summary>
/// A recovery service at the other end of a <see cref="FakeLink"/>, for one standby group, answering at once
/// in the sender's thread unless it is deaf.
/// </summary>
internal sealed class RecoveryDouble
{
    private readonly Lock _gate = new();
    private readonly List<RecoveryCommand> _received = [];
    private readonly Dictionary<string, RecoveryReply> _results = new(StringComparer.Ordinal);
    private readonly List<RecoveryEvent> _events = [];
    private long _index;
    private FakeLink? _link;

    public RecoveryDouble(FakeLinks links) => links.OnPublish += OnPublish;

    public bool IsDeaf { get; set; }

    /// <summary>Writes are done and their answers lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Answers instead of the double, unless it gives null.</summary>
    public Func<RecoveryCommand, RecoveryReply?> Override { get; set; } = _ => null;

    /// <summary>Events reach the client at once.</summary>
    public bool DeliversEvents { get; set; } = true;

    public StandbyGroup Group { get; private set; } = new() { Group = "g" };

    public byte[] State { get; private set; } = [];

    public long Epoch { get; set; } = 1;

    public IReadOnlyList<RecoveryCommand> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    public IEnumerable<RegisterStandby> Registers =>
        Received.Select(command => command.RegisterStandby).OfType<RegisterStandby>();

    public IEnumerable<ConfirmPromotion> Confirmations =>
        Received.Select(command => command.ConfirmPromotion).OfType<ConfirmPromotion>();

    /// <summary>Another member leads, or the client's own.</summary>
    public void Promote(string member)
    {
        lock (_gate)
        {
            var former = Group.Primary;
            _index++;
            Group = Group with
            {
                Primary = member,
                GroupEpoch = Group.GroupEpoch + 1,
                FenceToken = new FencingToken(7),
            };
            _events.Add(new RecoveryEvent
            {
                StandbyPromoted = new StandbyPromoted
                {
                    Group = Group.Group,
                    Member = member,
                    FormerPrimary = former,
                    GroupEpoch = Group.GroupEpoch,
                    StateVersion = Group.StateVersion,
                    Event = Next(),
                },
            });
        }
        DeliverLast();
    }

    /// <summary>A recovery ends without anybody to promote.</summary>
    public void Fail()
    {
        RecoveryFailed failed;
        lock (_gate)
        {
            _index++;
            Group = Group with { Primary = "" };
            failed = new RecoveryFailed { Group = Group.Group, Reason = "by the double", Event = Next() };
            _events.Add(new RecoveryEvent { RecoveryFailed = failed });
        }
        _link!.Deliver(failed);
    }

    /// <summary>An operator removes the group by force.</summary>
    public void Remove()
    {
        GroupRemoved removed;
        lock (_gate)
        {
            _index++;
            Group = new StandbyGroup { Group = Group.Group, GroupEpoch = Group.GroupEpoch };
            State = [];
            removed = new GroupRemoved
            {
                Group = Group.Group,
                GroupEpoch = Group.GroupEpoch,
                Event = Next(),
            };
            _events.Add(new RecoveryEvent { GroupRemoved = removed });
        }
        _link!.Deliver(removed);
    }

    /// <summary>The primary, another process, writes.</summary>
    public void Write(params byte[] state)
    {
        lock (_gate)
        {
            Change(state);
        }
        DeliverLast();
    }

    public void DeliverHead() => _link!.Deliver(
        new RecoveryEventsHead { Group = "recovery", Epoch = Epoch, Number = _events.Count });

    private void DeliverLast()
    {
        if (!DeliversEvents || _link is null)
        {
            return;
        }
        if (_events[^1].StandbyPromoted is { } promoted)
        {
            _link.Deliver(promoted);
        }
        else
        {
            _link.Deliver(_events[^1].StateUpdated!);
        }
    }

    private void OnPublish(FakeLink link, Published published)
    {
        _link = link;
        if (published.Message is not RecoveryCommandBatch batch)
        {
            return;
        }
        var replies = new List<RecoveryReply>();
        lock (_gate)
        {
            _received.AddRange(batch.Commands);
            if (!IsDeaf)
            {
                replies.AddRange(batch.Commands.Select(Do));
            }
        }
        if (replies.Count > 0 && !LosesAnswers)
        {
            link.Deliver(new RecoveryReplyBatch { Replies = replies });
        }
    }

    private RecoveryReply Do(RecoveryCommand command) => Override(command) ?? command switch
    {
        { RegisterStandby: { } register } => Once(register.CommandId, () => Register(register)),
        { WithdrawStandby: { } withdraw } => Once(withdraw.CommandId, () => Accepted(withdraw.CommandId)),
        { RemoveGroup: { } remove } => Once(remove.CommandId, () => Accepted(remove.CommandId)),
        { RegisterPolicy: { } policy } => Once(policy.CommandId, () => Accepted(policy.CommandId)),
        { ConfirmPromotion: { } confirm } => Once(confirm.CommandId, () => Accepted(confirm.CommandId)),
        { UpdateState: { } update } => Once(update.CommandId, () => Update(update)),
        { RecoverState: { } recover } => new RecoveryReply
        {
            StateRecovered = new StateRecovered
            {
                CommandId = recover.CommandId,
                Group = Group,
                State = State,
                Freshness = Freshness(),
            },
        },
        { ReadRecoveryEvents: { } read } => new RecoveryReply
        {
            RecoveryEventsRead = new RecoveryEventsRead
            {
                CommandId = read.CommandId,
                Head = _events.Count,
                Events = [.. _events.Skip((int)read.FromNumber - 1)],
                Freshness = Freshness(),
            },
        },
        _ => throw new InvalidOperationException("A command of no kind."),
    };

    private RecoveryReply Once(string commandId, Func<RecoveryReply> work) =>
        _results.TryGetValue(commandId, out var stored) ? stored : _results[commandId] = work();

    private RecoveryReply Register(RegisterStandby register)
    {
        _index++;
        if (Group.Primary.Length == 0)
        {
            Group = Group with { Primary = register.Member, GroupEpoch = Group.GroupEpoch + 1 };
        }
        return Accepted(register.CommandId);
    }

    private RecoveryReply Update(UpdateState update)
    {
        if (update.Member != Group.Primary || update.GroupEpoch != Group.GroupEpoch)
        {
            return Refused(update.CommandId, RecoveryRefusal.NotPrimary);
        }
        if (update.ExpectedVersion != Group.StateVersion)
        {
            return Refused(update.CommandId, RecoveryRefusal.VersionMismatch);
        }
        Change(update.State);
        return new RecoveryReply
        {
            StateWritten = new StateWritten
            {
                CommandId = update.CommandId,
                StateVersion = Group.StateVersion,
                Freshness = Freshness(),
            },
        };
    }

    private void Change(byte[] state)
    {
        _index++;
        State = state;
        Group = Group with { StateVersion = Group.StateVersion + 1 };
        _events.Add(new RecoveryEvent
        {
            StateUpdated = new StateUpdated
            {
                Group = Group.Group,
                StateVersion = Group.StateVersion,
                GroupEpoch = Group.GroupEpoch,
                Event = Next(),
            },
        });
    }

    public static RecoveryReply Refused(string id, RecoveryRefusal reason) => new()
    {
        RecoveryRefused = new RecoveryRefused { CommandId = id, Reason = reason, Message = "by the double" },
    };

    private RecoveryReply Accepted(string id) => new()
    {
        RecoveryAccepted = new RecoveryAccepted { CommandId = id, Group = Group, Freshness = Freshness() },
    };

    public Freshness Freshness() => new() { Epoch = Epoch, Index = new LogIndex(_index) };

    private EventId Next() =>
        new() { Group = "recovery", Epoch = Epoch, Index = new LogIndex(_index), Number = _events.Count + 1 };
}

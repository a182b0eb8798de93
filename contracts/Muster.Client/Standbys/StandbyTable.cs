using Microsoft.Extensions.Logging;
using Muster.Contracts.Recovery;

namespace Muster.Client;

/// <summary>
/// This process's members of standby groups: registers them, reports how new a state they know, and follows
/// the recovery service's events. Used under the client's gate.
/// </summary>
internal sealed class StandbyTable : IEventSource
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly MusterOptions _options;
    private readonly LeaseClock _clock;
    private readonly Timetable _timetable;
    private readonly RecoveryCalls _calls;
    private readonly LockShards _locks;
    private readonly string _incarnation;
    private readonly ILogger _logger;
    private readonly EventFeed _feed;
    private readonly Promotions _promotions;
    private readonly Withdrawals _withdrawals;
    private readonly HashSet<StandbyMember> _members = [];
    private TimeSpan _sessionWantedFrom;

    public StandbyTable(
        MusterOptions options, LeaseClock clock, Timetable timetable, RecoveryCalls calls,
        LockShards locks, string incarnation, ILogger logger)
    {
        (_options, _clock, _timetable, _calls) = (options, clock, timetable, calls);
        (_locks, _incarnation, _logger) = (locks, incarnation, logger);
        _feed = new EventFeed(clock, timetable, this);
        _promotions = new Promotions(options, calls, Learn, OnNotPrimary, logger);
        _withdrawals = new Withdrawals(options, calls);
        locks.Opened += ReportAll;
        locks.Refused += () => _sessionWantedFrom = _clock.Now + RetryDelay;
    }

    public bool IsWanted => _members.Count > 0;

    /// <summary>It has joined, or is joining, and was not taken out.</summary>
    public bool Has(StandbyMember member) => _members.Contains(member);

    /// <summary>
    /// Registers a member; <paramref name="onAnswer"/> gets the answer, or that there was none.
    /// </summary>
    public void Join(StandbyMember member, Action<RecoveryReply> onAnswer)
    {
        member.Membership = _calls.NewId();
        _withdrawals.After(member, isClosing =>
        {
            if (isClosing)
            {
                onAnswer(NoAnswer(member.Membership));
            }
            else if (!member.IsWithdrawn)
            {
                _members.Add(member);
                member.ReportDue = new Due(() => Report(member, _ => { }));
                Report(member, onAnswer);
            }
        });
    }

    /// <summary>
    /// A member whose lock is to be broken when it fails needs the session that holds it to be known. Called
    /// after every step of the client.
    /// </summary>
    public void Admit()
    {
        if (_members.Count == 0 || _clock.Now < _sessionWantedFrom)
        {
            return;
        }
        foreach (var member in _members.Where(one => one.Options.Policy is { Lock.Length: > 0 }))
        {
            _locks.Of(member.Options.Policy!.Lock).Sessions.Want();
        }
    }

    /// <summary>Takes a member out; whether the service says that it is out, or it was not in.</summary>
    public Task<bool> Withdraw(StandbyMember member)
    {
        member.IsWithdrawn = true;
        if (!_members.Remove(member))
        {
            return Task.FromResult(true);
        }
        _timetable.Clear(member.ReportDue!);
        if (member.Report is { } report)
        {
            _calls.Close(report);
        }
        _promotions.Depose(member);
        member.View = member.View with { Role = StandbyRole.Standby };
        member.Watchers.ForEach(views => views.End(new ObjectDisposedException(nameof(IStandby))));
        return _withdrawals.Send(member);
    }

    /// <summary>The client closes: all are taken out.</summary>
    public IReadOnlyList<Task> Close() => [.. _members.ToArray().Select(Withdraw)];

    public void LinkUp()
    {
        ReportAll();
        _feed.LinkUp();
    }

    public void OnHead(RecoveryEventsHead head)
    {
        if (_feed.Epoch == 0 && IsWanted)
        {
            // The reports' answers are newer than this head, and everything after it is followed.
            _feed.Base(head.Epoch, head.Number);
            ReportAll();
        }
        _feed.OnHead(head.Epoch, head.Number);
    }

    public void OnEvent(RecoveryEvent news)
    {
        switch (news)
        {
            case { StandbyPromoted: { } promoted }:
                _feed.Offer(promoted.Event.Epoch, promoted.Event.Number);
                Tell(promoted.Group, Place.Of(promoted.Event), view => view with
                {
                    Primary = promoted.Member,
                    GroupEpoch = promoted.GroupEpoch,
                    StateVersion = promoted.StateVersion,
                });
                break;
            case { StateUpdated: { } updated }:
                _feed.Offer(updated.Event.Epoch, updated.Event.Number);
                Tell(updated.Group, Place.Of(updated.Event), view =>
                    view with { StateVersion = updated.StateVersion });
                AskIfOutdated(updated);
                break;
            case { RecoveryCompleted: { } completed }:
                _feed.Offer(completed.Event.Epoch, completed.Event.Number);
                Tell(completed.Group, Place.Of(completed.Event), view => view with
                {
                    Primary = completed.Primary,
                    GroupEpoch = completed.GroupEpoch,
                });
                break;
            case { RecoveryStarted: { } started }:
                _feed.Offer(started.Event.Epoch, started.Event.Number);
                break;
            case { RecoveryFailed: { } failed }:
                _feed.Offer(failed.Event.Epoch, failed.Event.Number);
                // Nobody leads. A member that lives may be promoted when it reports itself.
                Tell(failed.Group, Place.Of(failed.Event), view => view with { Primary = "" });
                WantReports(failed.Group);
                break;
            case { GroupRemoved: { } removed }:
                _feed.Offer(removed.Event.Epoch, removed.Event.Number);
                OnRemoved(removed);
                break;
        }
    }

    /// <summary>With everything in it; who is still here begins anew.</summary>
    private void OnRemoved(GroupRemoved removed)
    {
        Tell(removed.Group, Place.Of(removed.Event), view => view with
        {
            Primary = "",
            GroupEpoch = removed.GroupEpoch,
            StateVersion = 0,
        });
        WantReports(removed.Group);
    }

    /// <summary>
    /// A primary of an epoch that is not known here: its promotion was missed, and once this event is applied
    /// an older one is not.
    /// </summary>
    private void AskIfOutdated(StateUpdated updated)
    {
        foreach (var member in _members.Where(member =>
            member.Group == updated.Group && member.View.GroupEpoch < updated.GroupEpoch))
        {
            WantReport(member);
        }
    }

    /// <summary>The group as an answer shows it.</summary>
    public void Learn(StandbyMember member, StandbyGroup group, Place place)
    {
        var session = _locks.SessionIdFor(member.Lock);
        member.Lock = group.Lock.Length > 0 ? group.Lock : member.Lock;
        if (_locks.SessionIdFor(member.Lock) != session)
        {
            WantReport(member); // the lock is in another group than was thought
        }
        Apply(member, place, view => view with
        {
            Primary = group.Primary,
            GroupEpoch = group.GroupEpoch,
            StateVersion = group.StateVersion,
        });
    }

    /// <summary>The owner's write is done.</summary>
    public void OnWritten(StandbyMember member, StateWritten written)
    {
        member.SetWriteBase(written.StateVersion, Place.Of(written.Freshness));
        Apply(member, Place.Of(written.Freshness), view =>
            view with { StateVersion = written.StateVersion });
    }

    /// <summary>The service has refused the owner's write: it is not the primary of that epoch.</summary>
    public void OnNotPrimary(StandbyMember member, long groupEpoch)
    {
        if (member.Leads(groupEpoch))
        {
            _promotions.Depose(member);
            Show(member, member.View with { Role = StandbyRole.Standby, Primary = "" });
        }
        WantReport(member); // who is, then?
    }

    public void Confirm(StandbyMember member, long groupEpoch) => _promotions.Confirm(member, groupEpoch);

    void IEventSource.Read(long from) => _calls.Open(new RecoveryCall
    {
        Id = _calls.NewId(),
        Command = call => new RecoveryCommand
        {
            ReadRecoveryEvents = new ReadRecoveryEvents { CommandId = call.Id, FromNumber = from },
        },
        OnAnswer = reply => OnRead(from, reply),
        Timeout = _options.CallTimeout,
        OnTimeout = _feed.OnReadFailed,
    });

    void IEventSource.Restart() => ReportAll(); // the next head is the new base

    private void OnRead(long from, RecoveryReply reply)
    {
        if (reply.RecoveryEventsRead is not { } read)
        {
            var refusal = reply.RecoveryRefused ?? CallKinds.OddRecoveryAnswer;
            _logger.EventsRefused(refusal.Reason, refusal.Message);
            _feed.OnReadFailed();
            return;
        }
        foreach (var news in read.Events)
        {
            OnEvent(news);
        }
        _feed.OnRead(from, read.Freshness.Epoch, read.Head, read.IsTrimmed);
    }

    private void Tell(string group, Place place, Func<StandbyView, StandbyView> change)
    {
        foreach (var member in _members.Where(member => member.Group == group).ToArray())
        {
            Apply(member, place, change);
        }
    }

    private void Apply(StandbyMember member, Place place, Func<StandbyView, StandbyView> change)
    {
        var before = member.View;
        var after = change(before);
        var isNewer = place.CompareTo(member.Place) > 0;
        if (!_members.Contains(member) || (!isNewer && !IsLater(member, place, after)))
        {
            return;
        }
        member.Place = isNewer ? place : member.Place;
        after = after with
        {
            Role = after.Primary == member.Name ? StandbyRole.Primary : StandbyRole.Standby,
        };
        Show(member, after);
        var wasLeading = before.Role == StandbyRole.Primary;
        var leads = after.Role == StandbyRole.Primary;
        if (wasLeading && (!leads || after.GroupEpoch != before.GroupEpoch))
        {
            _promotions.Depose(member);
        }
        if (leads && (!wasLeading || after.GroupEpoch != before.GroupEpoch))
        {
            _promotions.Begin(member, after.GroupEpoch);
        }
        member.Reported = Math.Min(member.Reported, after.StateVersion); // a removed group counts anew
        if (!leads && after.StateVersion > member.Reported)
        {
            WantReport(member);
        }
    }

    /// <summary>
    /// Of one entry each answer shows what had been done by then, so its place does not tell which is later.
    /// </summary>
    private static bool IsLater(StandbyMember member, Place place, StandbyView after) =>
        place.Epoch == member.Place.Epoch && place.Index == member.Place.Index
        && (after.GroupEpoch, after.StateVersion)
            .CompareTo((member.View.GroupEpoch, member.View.StateVersion)) > 0;

    private static void Show(StandbyMember member, StandbyView view)
    {
        if (view != member.View)
        {
            member.View = view;
            member.Watchers.ForEach(views => views.Put(view.Group, view));
        }
    }

    private void ReportAll()
    {
        foreach (var member in _members)
        {
            WantReport(member);
        }
    }

    private void WantReports(string group)
    {
        foreach (var member in _members.Where(member => member.Group == group))
        {
            WantReport(member);
        }
    }

    private static RecoveryReply NoAnswer(string commandId) =>
        new() { RecoveryUnknown = new RecoveryUnknown { CommandId = commandId } };

    private void WantReport(StandbyMember member)
    {
        if (!member.ReportDue!.IsSet && _members.Contains(member))
        {
            _timetable.Set(member.ReportDue, _clock.Now + ReportInterval);
        }
    }

    private void Report(StandbyMember member, Action<RecoveryReply> onAnswer)
    {
        if (member.Report is not null)
        {
            WantReport(member); // one at a time
            return;
        }
        var version = member.View.StateVersion;
        var sessionId = _locks.SessionIdFor(member.Lock);
        var id = _calls.NewId();
        member.Report = new RecoveryCall
        {
            Id = id,
            Command = _ => new RecoveryCommand
            {
                RegisterStandby = new RegisterStandby
                {
                    CommandId = id,
                    Group = member.Group,
                    Member = member.Name,
                    Node = _options.Node,
                    Incarnation = _incarnation,
                    StateVersion = version,
                    SessionId = sessionId,
                    Membership = member.Membership,
                },
            },
            OnAnswer = OnAnswer,
            Timeout = _options.CallTimeout,
            OnTimeout = () => OnAnswer(NoAnswer(id)),
            OnClose = () => onAnswer(NoAnswer(id)),
        };
        _calls.Open(member.Report);

        void OnAnswer(RecoveryReply reply)
        {
            OnReported(member, version, reply);
            onAnswer(reply);
        }
    }

    private void OnReported(StandbyMember member, long version, RecoveryReply reply)
    {
        member.Report = null;
        if (reply.RecoveryAccepted is { } accepted)
        {
            member.Reported = Math.Max(member.Reported, version);
            Learn(member, accepted.Group, Place.Of(accepted.Freshness));
            return;
        }
        if (reply.RecoveryUnknown is null)
        {
            var refusal = reply.RecoveryRefused ?? CallKinds.OddRecoveryAnswer;
            _logger.StandbyRefused(member.Group, member.Name, refusal.Reason, refusal.Message);
            if (refusal.Reason == RecoveryRefusal.ArgumentInvalid) member.ComeBack(_calls.NewId());
        }
        _timetable.Set(member.ReportDue!, _clock.Now + RetryDelay);
    }
}

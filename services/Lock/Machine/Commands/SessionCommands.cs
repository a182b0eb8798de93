using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

internal static class SessionCommands
{
    public static LockReply Open(Step step, CommandHead head, OpenSession open)
    {
        if (LockValidation.Check(open) is { } wrong)
        {
            return step.Refuse(open.CommandId, wrong);
        }
        if (step.State.Sessions.Find(open.SessionId) is { } session)
        {
            // Its own repeat, even after the window forgot the command: the session itself remembers who
            // opened it.
            return session.OpenedBy == open.CommandId
                ? Opened(step, session)
                : ExactlyOnce.Run(step, head, () => step.Refuse(open.CommandId, LockRefusal.SessionExists,
                    $"The session {open.SessionId} is open already, opened by another command."));
        }
        return ExactlyOnce.Run(step, head, () => OpenNew(step, open));
    }

    public static LockReply Close(Step step, CommandHead head, CloseSession close)
    {
        if (LockValidation.Check(close) is { } wrong)
        {
            return step.Refuse(close.CommandId, wrong);
        }
        return ExactlyOnce.RunInSession(step, head, session =>
        {
            step.State.Sessions.Remove(session);
            Endings.EndSession(step, session, SessionEnd.Closed);
            return new()
            {
                SessionClosed = new()
                {
                    CommandId = close.CommandId,
                    SessionId = close.SessionId,
                    Freshness = step.State.Freshness,
                },
            };
        });
    }

    private static LockReply OpenNew(Step step, OpenSession open)
    {
        var (state, limits) = (step.State, step.Limits);
        if (state.Sessions.Count >= limits.MaxSessions)
        {
            return step.Refuse(open.CommandId, LockRefusal.LimitReached,
                $"{state.Sessions.Count} sessions are open, at most {limits.MaxSessions}.");
        }
        if (step.CheckOutbox() is { } full)
        {
            return step.Refuse(open.CommandId, full);
        }
        var answers = new SequenceWindow<StoredAnswer>(limits.MaxOpenCommandsPerSession);
        answers.RaiseAnsweredBelow(1);
        var session = new Session
        {
            Id = open.SessionId,
            Owner = open.Owner,
            TtlMilliseconds = open.TtlMilliseconds,
            LockDelayMilliseconds = open.LockDelayMilliseconds,
            OpenedBy = open.CommandId,
            Node = open.Node.Length == 0 ? null : new(open.Node, open.Incarnation),
            Deadline = step.Now + open.TtlMilliseconds,
            Answers = answers,
        };
        state.Sessions.Add(session);
        return Opened(step, session);
    }

    private static LockReply Opened(Step step, Session session) => new()
    {
        SessionOpened = new()
        {
            CommandId = session.OpenedBy,
            SessionId = session.Id,
            TtlMilliseconds = session.TtlMilliseconds,
            Takeover = step.State.TakeoverOf(session),
            Groups = step.State.Genesis!.Groups,
            Freshness = step.State.Freshness,
        },
    };
}

using Muster.Contracts.Lock;
using Muster.Replication.Core;

namespace Muster.Lock.Machine;

/// <summary>
/// Runs a command unless it ran before, and keeps its answer for its duplicates: by sequence number in its
/// session's window, without one by command id in the group's. Refusals are kept too, since a client that was
/// told "busy" must not be granted by a late copy. Not kept: what depends on nothing but the command, and
/// what finds no place to be kept in.
/// </summary>
internal static class ExactlyOnce
{
    /// <summary>A command that needs no session to exist.</summary>
    public static LockReply Run(Step step, CommandHead head, Func<LockReply> act)
    {
        var answers = step.State.Answers;
        var most = PlacesFor(head.Subject.Kind, answers.Capacity);
        var known = answers.Find(head.CommandId, most);
        switch (known.Kind)
        {
            case CommandLookupKind.Duplicate:
                return Again(step, head, known.Result!);
            case CommandLookupKind.Full:
                return step.Refuse(head.CommandId, LockRefusal.Overloaded,
                    $"The group remembers {answers.Count} command ids, for {head.Subject.Kind} at most "
                    + $"{most}; this copy did nothing, send it again under its id.");
            default:
                var reply = act();
                answers.Record(head.CommandId, step.Now, new(head.CommandId, head.Subject, reply));
                return reply;
        }
    }

    /// <summary>When those commands find a place that have the fewest; null: they find one now.</summary>
    public static long? NextPlace(CommandIdWindow<StoredAnswer> answers) =>
        answers.NextPlace(PlacesFor(nameof(AcquireLock), answers.Capacity));

    /// <summary>
    /// One client without numbers can fill the window. It must keep nobody from opening and closing sessions,
    /// and whoever floods it with sessions nobody from breaking locks, as the recovery does to promote a
    /// standby, or from limiting namespaces.
    /// </summary>
    private static int PlacesFor(string kind, int capacity) => kind switch
    {
        nameof(BreakLock) or nameof(SetNamespaceLimits) => capacity,
        nameof(OpenSession) or nameof(CloseSession) => capacity - capacity / 20,
        _ => capacity - capacity / 10,
    };

    /// <summary>A command of a session.</summary>
    public static LockReply RunInSession(Step step, CommandHead head, Func<Session, LockReply> act)
    {
        var session = step.State.Sessions.Find(head.SessionId);
        if (head.Sequence is { } sequence)
        {
            return session is null
                ? RefuseSession(step, head)
                : RunNumbered(step, head, session, sequence, act);
        }
        // Not kept: the acquire's own copies would be told that they are another command.
        if (session?.Acquires.GetValueOrDefault(head.CommandId) is { } live && live.Subject != head.Subject)
        {
            return RefuseTaken(step, head, live.Subject);
        }
        return Run(step, head, () => session is null
            ? RefuseSession(step, head)
            : LiveAcquire(session, head)?.Reply ?? act(session));
    }

    /// <summary>
    /// An acquire's outcome changed: its duplicates get the new one, for as long as the old one would have
    /// been kept. Its id may be another command's by then, once its own place was forgotten.
    /// </summary>
    public static void Replace(Step step, Acquire acquire, LockReply reply)
    {
        acquire.Reply = reply;
        var stored = new StoredAnswer(acquire.Id, acquire.Subject, reply);
        if (acquire.Sequence is { } sequence)
        {
            acquire.Session.Answers.Replace(sequence, stored);
        }
        else if (step.State.Answers.TryGetResult(acquire.Id, out var kept) && kept.Subject == stored.Subject)
        {
            step.State.Answers.Replace(acquire.Id, stored);
        }
    }

    private static LockReply RunNumbered(
        Step step, CommandHead head, Session session, long sequence, Func<Session, LockReply> act)
    {
        if (sequence < 1)
        {
            return step.Refuse(head.CommandId, LockRefusal.AlreadyAnswered,
                $"The sequence number is {sequence}; they count from 1.");
        }
        var answers = session.Answers;
        // A command cannot say that it is answered itself.
        answers.RaiseAnsweredBelow(Math.Min(head.AnsweredBelow, sequence));
        var known = answers.Find(sequence);
        switch (known.Kind)
        {
            case CommandLookupKind.Duplicate when known.Result!.CommandId == head.CommandId:
                return Again(step, head, known.Result);
            case CommandLookupKind.Duplicate:
                return step.Refuse(head.CommandId, LockRefusal.AlreadyAnswered,
                    $"The sequence number {sequence} belongs to the command {known.Result!.CommandId}.");
            case CommandLookupKind.AlreadyAnswered:
                return LiveAcquire(session, head)?.Reply
                    ?? step.Refuse(head.CommandId, LockRefusal.AlreadyAnswered,
                        $"The sequence number is {sequence}; those below {answers.AnsweredBelow} are done.");
            case CommandLookupKind.Full:
                return step.Refuse(head.CommandId, LockRefusal.Overloaded,
                    $"The sequence number is {sequence}, too far above {answers.AnsweredBelow}; this copy "
                    + "did nothing, send it again once earlier ones are answered.");
            default:
                var reply = act(session);
                answers.Record(sequence, new(head.CommandId, head.Subject, reply));
                return reply;
        }
    }

    private static LockReply Again(Step step, CommandHead head, StoredAnswer stored) =>
        stored.Subject == head.Subject ? stored.Reply : RefuseTaken(step, head, stored.Subject);

    private static LockReply RefuseTaken(Step step, CommandHead head, CommandSubject first) =>
        step.Refuse(head.CommandId, LockRefusal.CommandIdInvalid, first.IsTaken(head.CommandId));

    /// <summary>A wait outlives its place in both windows; its copies find it by its id.</summary>
    private static Acquire? LiveAcquire(Session session, CommandHead head) =>
        session.Acquires.GetValueOrDefault(head.CommandId) is { } live && live.Subject == head.Subject
            ? live
            : null;

    private static LockReply RefuseSession(Step step, CommandHead head) =>
        step.Refuse(head.CommandId, LockRefusal.SessionUnknown, $"There is no session {head.SessionId}.");
}

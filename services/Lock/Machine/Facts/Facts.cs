using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>Notes for the history what a step does, as it does it.</summary>
internal static class Facts
{
    public static void Queued(Step step, Acquire acquire, int ahead) =>
        step.Note(Of(step, LockHistoryKind.Queued, acquire) with { Ahead = ahead });

    /// <summary>Under its new token, while it still knows since when it waits.</summary>
    public static void Granted(Step step, Acquire acquire) => step.Note(
        Of(step, LockHistoryKind.Granted, acquire) with
        {
            Token = acquire.Token,
            DurationMilliseconds = step.Now - acquire.Since,
        });

    public static void WaitEnded(Step step, Acquire waiter, string cause, string commandId = "") => step.Note(
        Of(step, LockHistoryKind.WaitEnded, waiter) with
        {
            Cause = cause,
            CommandId = commandId,
            DurationMilliseconds = step.Now - waiter.Since,
        });

    public static void Released(Step step, Acquire holder, string cause, string commandId) => step.Note(
        Ended(step, LockHistoryKind.Released, holder) with { Cause = cause, CommandId = commandId });

    /// <param name="step">The entry.</param>
    /// <param name="holder">Who holds it until now.</param>
    /// <param name="cause">As in the event.</param>
    /// <param name="breaking">Null: its session ended.</param>
    public static void Lost(Step step, Acquire holder, string cause, BreakLock? breaking)
    {
        var fact = Ended(step, LockHistoryKind.Lost, holder) with { Cause = cause };
        step.Note(breaking is null
            ? fact with
            {
                TtlMilliseconds = holder.Session.TtlMilliseconds,
                SinceRenewalMilliseconds = step.Now - holder.Session.RenewedAt,
            }
            : fact with { CommandId = breaking.CommandId, Reason = breaking.Reason });
    }

    /// <summary>What is left of the delay: that of a holder which was lost before may end later.</summary>
    public static void DelayStarted(Step step, Acquire last, LockQueue delayed, string cause) => step.Note(
        Of(step, LockHistoryKind.DelayStarted, last) with
        {
            Names = [delayed.Name],
            Cause = cause,
            DurationMilliseconds = delayed.DelayedUntil - step.Now,
        });

    public static void SessionEnded(Step step, Session session, string cause) => step.Note(new()
    {
        Kind = LockHistoryKind.SessionEnded,
        Cause = cause,
        Time = step.Now,
        SessionId = session.Id,
        Owner = session.Owner,
        TtlMilliseconds = session.TtlMilliseconds,
        SinceRenewalMilliseconds = step.Now - session.RenewedAt,
    });

    private static LockFact Ended(Step step, LockHistoryKind kind, Acquire holder) =>
        Of(step, kind, holder) with
        {
            Token = holder.Token,
            DurationMilliseconds = step.Now - holder.Since,
        };

    private static LockFact Of(Step step, LockHistoryKind kind, Acquire acquire) => new()
    {
        Kind = kind,
        Time = step.Now,
        Names = acquire.Claim.Names,
        SessionId = acquire.Session.Id,
        Owner = acquire.Session.Owner,
        AcquireId = acquire.Upgrades?.Id ?? acquire.Id,
        Flow = acquire.Claim.Flow,
        Mode = acquire.Mode,
        Permits = acquire.Claim.Permits,
        IsUpgrade = acquire.Upgrades is not null,
    };
}

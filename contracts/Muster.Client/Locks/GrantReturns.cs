using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// Gives locks back: of holders that are done, of acquires that were given up, and of grants that came too
/// late. Used under the client's gate.
/// </summary>
internal sealed class GrantReturns(LockCalls calls, SessionKeeper keeper, ILogger logger)
{
    /// <summary>
    /// Releases a held lock, repeated until it is answered. That its session is lost here ends nothing there:
    /// in an outage the service's clock stands still, and it counts on nearly a TTL when all is back.
    /// </summary>
    public LockCall Release(Acquire acquire)
    {
        var call = new LockCall
        {
            Id = calls.NewId(),
            Session = acquire.Session,
            TraceParent = acquire.TraceParent,
            Bytes = Sizes.OnWire(acquire.Name),
            Command = call => Claim.Release(call, acquire.Name, acquire.Id, acquire.Token),
            OnAnswer = reply => OnReleased(acquire, reply.LockRefused),
        };
        calls.Open(call);
        return call;
    }

    /// <summary>
    /// Cancels an acquire whose caller is gone, repeated until it is answered or the session ends. A grant
    /// that crosses it is given back by itself.
    /// </summary>
    public void Cancel(Session session, string acquireId)
    {
        var call = new LockCall
        {
            Id = calls.NewId(),
            Session = session,
            Command = call => new LockCommand
            {
                CancelAcquire = new CancelAcquire
                {
                    CommandId = call.Id,
                    SessionId = session.Id,
                    Sequence = call.Sequence,
                    AnsweredBelow = session.Sequences.AnsweredBelow,
                    AcquireId = acquireId,
                },
            },
            OnAnswer = reply =>
            {
                if (reply.AcquireCancelled is not null)
                {
                    session.GivenUp.Remove(acquireId);
                    session.TookBack(acquireId);
                }
                else
                {
                    session.GivenUp[acquireId] = null; // it may still be granted
                }
                LoseIfUnknown(session, reply.LockRefused);
            },
        };
        session.GivenUp[acquireId] = call;
        calls.Open(call);
    }

    /// <summary>
    /// Gives a grant back that has no holder here; repeated as a <see cref="Release"/>.
    /// </summary>
    public void Return(Session session, string name, string acquireId, FencingToken token)
    {
        if (!session.Returning.Add(acquireId))
        {
            return;
        }
        logger.GrantReturned(name, acquireId);
        calls.Open(new LockCall
        {
            Id = calls.NewId(),
            Session = session,
            Bytes = Sizes.OnWire(name),
            Command = call => Claim.Release(call, name, acquireId, token),
            OnAnswer = reply =>
            {
                session.Returning.Remove(acquireId);
                session.TookBack(acquireId);
                LoseIfUnknown(session, reply.LockRefused);
            },
        });
    }

    /// <summary>
    /// A grant for no open acquire: given back if its acquire was given up; else a repeat of one known
    /// already.
    /// </summary>
    public void OnStrayGrant(LockGranted granted)
    {
        if (keeper.Find(granted.SessionId) is { } session
            && session.GivenUp.Remove(granted.CommandId, out var cancel))
        {
            if (cancel is not null)
            {
                calls.Close(cancel);
            }
            if (granted.AcquireId is { } upgraded && session.Held.TryGetValue(upgraded, out var hold))
            {
                hold.Raise(granted.FencingToken);
            }
            Return(session, granted.Name, granted.CommandId, granted.FencingToken);
        }
    }

    /// <summary>The service ends what hangs on the session; late grants are still given back.</summary>
    public void OnSessionLost(Session session)
    {
        session.TookBackAll();
        foreach (var (acquireId, cancel) in session.GivenUp.ToArray())
        {
            if (cancel is not null)
            {
                calls.Close(cancel);
                session.GivenUp[acquireId] = null;
            }
        }
    }

    private void OnReleased(Acquire acquire, LockRefused? refusal)
    {
        acquire.Session!.Held.Remove(acquire.Id);
        acquire.Stage = AcquireStage.Ended;
        acquire.Released.TrySetResult();
        LoseIfUnknown(acquire.Session, refusal);
        // Not held any more is as good as released. After any other refusal the next heartbeat's answer lists
        // the lock as held by nobody here, and it is given back then.
        if (refusal is
            {
                Reason: not (LockRefusal.NotHeld or LockRefusal.NotHolder
            or LockRefusal.SessionUnknown)
            })
        {
            logger.ReleaseRefused(acquire.Name, acquire.Id, refusal.Reason, refusal.Message);
        }
    }

    private void LoseIfUnknown(Session session, LockRefused? refusal)
    {
        if (refusal is { Reason: LockRefusal.SessionUnknown })
        {
            keeper.Lose(session, "the service does not know it");
        }
    }
}

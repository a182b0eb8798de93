using Microsoft.Extensions.Logging;
using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// The parts behind the gate, put together. Nothing here knows of threads, links or timers.
/// </summary>
internal sealed class ClientParts
{
    private readonly GrantReturns _returns;

    public ClientParts(MusterOptions options, TimeProvider time, ILogger logger)
    {
        Clock = new LeaseClock(time);
        Calls = new CallTable(Clock, Timetable);
        Sessions = new SessionKeeper(options, Clock, Calls, Timetable, logger);
        _returns = new GrantReturns(options, Calls, Sessions, logger);
        Held = new HeldTable(Calls, _returns, logger);
        Acquires = new AcquireTable(options, Clock, Calls, Timetable, Sessions, Held, _returns, logger);
        Sessions.Renewed += new Reconciliation(Acquires, Held, _returns, Calls).OnRenewed;
    }

    public LeaseClock Clock { get; }

    public Timetable Timetable { get; } = new();

    public CallTable Calls { get; }

    public SessionKeeper Sessions { get; }

    public HeldTable Held { get; }

    public AcquireTable Acquires { get; }

    public TimeSpan? NextDue => (Timetable.Next, Calls.NextDue) switch
    {
        ({ } due, { } batch) => due < batch ? due : batch,
        var (due, batch) => due ?? batch,
    };

    public void Answer(LockReplyBatch replies)
    {
        foreach (var reply in replies.Replies)
        {
            var commandId = CommandIdOf(reply);
            if (commandId is not null && !Calls.Answer(commandId, reply) && reply.LockGranted is { } granted)
            {
                _returns.OnStrayGrant(granted);
            }
        }
    }

    /// <summary>
    /// Ends everything: waiters are told, locks report lost, and only then the service is asked to close the
    /// session.
    /// </summary>
    public Session? Close(TaskCompletionSource closed)
    {
        Acquires.Close();
        var session = Sessions.Close();
        Calls.CloseAll();
        if (session is not null)
        {
            Calls.Open(new Call
            {
                Id = Guid.NewGuid().ToString("N"),
                Command = call => new LockCommand
                {
                    CloseSession = new CloseSession { CommandId = call.Id, SessionId = session.Id },
                },
                OnAnswer = _ => closed.TrySetResult(),
            });
        }
        return session;
    }

    private static string? CommandIdOf(LockReply reply) =>
        reply.LockGranted?.CommandId ?? reply.LockQueued?.CommandId ?? reply.LockReleased?.CommandId
        ?? reply.LockRefused?.CommandId ?? reply.AcquireCancelled?.CommandId ?? reply.SessionOpened?.CommandId
        ?? reply.LockDescription?.CommandId ?? reply.SessionClosed?.CommandId ?? reply.LockUnknown?.CommandId;
}

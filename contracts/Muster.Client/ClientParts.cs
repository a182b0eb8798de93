using Microsoft.Extensions.Logging;
using Muster.Contracts;
using Muster.Contracts.Decisions;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>
/// The parts behind the gate, put together. Nothing here knows of threads, links or timers. Ids may be given,
/// for runs that must be repeatable; they are GUIDs otherwise.
/// </summary>
internal sealed class ClientParts
{
    private readonly GrantReturns _returns;

    public ClientParts(
        MusterOptions options, TimeProvider time, ILogger logger, Func<string>? newId = null)
    {
        newId ??= () => Guid.NewGuid().ToString("N");
        Clock = new LeaseClock(time);
        Calls = new LockCalls(Clock, Timetable, CallKinds.Lock, newId);
        RegistryCalls = new RegistryCalls(Clock, Timetable, CallKinds.Registry, newId);
        RecoveryCalls = new RecoveryCalls(Clock, Timetable, CallKinds.Recovery, newId);
        DecisionCalls = new DecisionCalls(Clock, Timetable, CallKinds.Decisions, newId);
        var heartbeats = new HeartbeatLog(Clock, newId());
        Sessions = new SessionKeeper(options, Clock, Calls, Timetable, heartbeats, logger);
        Leases = new LeaseKeeper(options, Clock, RegistryCalls, Timetable, logger);
        Pulse = new Pulse(options, Clock, Timetable, heartbeats, Sessions, Leases);
        _returns = new GrantReturns(options, Calls, Sessions, logger);
        Held = new HeldTable(options, Calls, _returns, logger);
        Acquires = new AcquireTable(options, Clock, Calls, Timetable, Sessions, Held, _returns, logger);
        Sessions.Renewed += new Reconciliation(Acquires, Held, _returns, Calls).OnRenewed;
        Config = new ConfigFeed(options, Clock, Timetable, RegistryCalls, logger);
        Elections = new ElectionFeed(options, Clock, Calls, Timetable);
        Standbys = new StandbyTable(
            options, Clock, Timetable, RecoveryCalls, Sessions, heartbeats.Incarnation, logger);
    }

    public LeaseClock Clock { get; }

    public Timetable Timetable { get; } = new();

    public LockCalls Calls { get; }

    public RegistryCalls RegistryCalls { get; }

    public RecoveryCalls RecoveryCalls { get; }

    public DecisionCalls DecisionCalls { get; }

    public SessionKeeper Sessions { get; }

    public LeaseKeeper Leases { get; }

    public Pulse Pulse { get; }

    public HeldTable Held { get; }

    public AcquireTable Acquires { get; }

    public ConfigFeed Config { get; }

    public ElectionFeed Elections { get; }

    public StandbyTable Standbys { get; }

    public TimeSpan? NextDue => Earlier(
        Earlier(Timetable.Next, Calls.NextDue),
        Earlier(RegistryCalls.NextDue, Earlier(RecoveryCalls.NextDue, DecisionCalls.NextDue)));

    /// <summary>What each step may have made possible.</summary>
    public void Admit()
    {
        Acquires.Admit();
        Standbys.Admit();
    }

    public void LinkUp()
    {
        Calls.LinkUp();
        RegistryCalls.LinkUp();
        RecoveryCalls.LinkUp();
        DecisionCalls.LinkUp();
        Pulse.LinkUp();
        Config.LinkUp();
        Elections.LinkUp();
        Standbys.LinkUp();
    }

    public void LinkDown()
    {
        Calls.LinkDown();
        RegistryCalls.LinkDown();
        RecoveryCalls.LinkDown();
        DecisionCalls.LinkDown();
        Pulse.LinkDown();
    }

    /// <summary>The next message to publish, or null.</summary>
    public object? Take(ReplyAddress replyTo, string address, string connection)
    {
        if (Pulse.Take(address, connection) is { } heartbeat)
        {
            return heartbeat;
        }
        if (Calls.Take() is { } commands)
        {
            return new LockCommandBatch { ReplyTo = replyTo, Commands = commands };
        }
        if (RegistryCalls.Take() is { } registryCommands)
        {
            return new RegistryCommandBatch { ReplyTo = replyTo, Commands = registryCommands };
        }
        if (RecoveryCalls.Take() is { } recoveryCommands)
        {
            return new RecoveryCommandBatch { ReplyTo = replyTo, Commands = recoveryCommands };
        }
        return DecisionCalls.Take() is { } decisionCommands
            ? new DecisionCommandBatch { ReplyTo = replyTo, Commands = decisionCommands }
            : null;
    }

    public void Answer(LockReplyBatch replies)
    {
        foreach (var reply in replies.Replies)
        {
            if (!Calls.Answer(reply) && reply.LockGranted is { } granted)
            {
                _returns.OnStrayGrant(granted);
            }
        }
    }

    public void Answer(RegistryReplyBatch replies)
    {
        foreach (var reply in replies.Replies)
        {
            RegistryCalls.Answer(reply);
        }
    }

    public void Answer(RecoveryReplyBatch replies)
    {
        foreach (var reply in replies.Replies)
        {
            RecoveryCalls.Answer(reply);
        }
    }

    public void Answer(DecisionReplyBatch replies)
    {
        foreach (var reply in replies.Replies)
        {
            DecisionCalls.Answer(reply);
        }
    }

    /// <summary>A lock was taken from its holder, who may be here: broken, or its session ended.</summary>
    public void OnLockLost(LockLost lost)
    {
        if (Sessions.Find(lost.SessionId) is { } session)
        {
            Held.LoseTaken(session, lost.AcquireId);
            Acquires.LoseTaken(session, lost.AcquireId);
        }
    }

    /// <summary>
    /// Ends everything: waiters are told, locks report lost, and only then the services are asked to end what
    /// this process has with them. The tasks end with their answers.
    /// </summary>
    public IReadOnlyList<Task> Close()
    {
        Acquires.Close();
        Config.Close();
        Elections.Close();
        var session = Sessions.Close();
        Calls.CloseAll();
        RegistryCalls.CloseAll();
        RecoveryCalls.CloseAll();
        DecisionCalls.CloseAll();
        List<Task> open = [.. Leases.Close(), .. Standbys.Close()];
        if (session is not null)
        {
            open.Add(CloseSession(session));
        }
        Pulse.Close();
        return open;
    }

    private Task CloseSession(Session session)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Calls.Open(new LockCall
        {
            Id = Calls.NewId(),
            Command = call => new LockCommand
            {
                CloseSession = new CloseSession { CommandId = call.Id, SessionId = session.Id },
            },
            OnAnswer = _ => closed.TrySetResult(),
        });
        return closed.Task;
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) =>
        one is null || other < one ? other : one;
}

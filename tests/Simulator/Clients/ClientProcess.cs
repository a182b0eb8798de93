using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Client;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;

namespace Muster.Simulator;

/// <summary>
/// A process that uses Muster: the real client without its gate, pump and threads, and some users of locks in
/// it.
/// </summary>
internal sealed class ClientProcess : SimulatedProcess, ILinkOwner
{
    private readonly Simulation _world;
    private readonly ClientSettings _settings;
    private readonly MusterOptions _options;
    private readonly List<LockUser> _users = [];
    private RegistryUser? _registryUser;
    private StandbyUser? _standbyUser;
    private ClientParts _parts = null!;
    private SimulatedLink _link = null!;
    private long _startedAt;
    private long _ids;
    private Heartbeat _newestHeartbeat = new();

    public ClientProcess(string name, ClientSettings settings, Simulation world, ProcessClock clock)
        : base(name, world.Scheduler, clock)
    {
        (_settings, _world) = (settings, world);
        Chance = world.Chance.Split(name);
        _options = new MusterOptions
        {
            Node = name,
            Owner = name,
            SessionTtl = TimeSpan.FromMilliseconds(settings.SessionTtl),
            CallTimeout = TimeSpan.FromMilliseconds(settings.CallTimeout),
            HeartbeatInterval = TimeSpan.FromMilliseconds(settings.HeartbeatInterval),
            ReceiveEvents = false,
            LockDelay = TimeSpan.FromMilliseconds(settings.LockDelay),
            CrashRelease = settings.CrashRelease,
        };
    }

    public Chance Chance { get; }

    public ClientSettings Settings => _settings;

    public MusterOptions Options => _options;

    public Simulation World => _world;

    public LeaseClock LeaseClock => _parts.Clock;

    public override SimulatedLink? Link => _link;

    /// <summary>Acquires that were granted and given back, over all its lives.</summary>
    public int Cycles { get; set; }

    /// <summary>Calls of the registry that were answered, over all its lives.</summary>
    public int RegistryCycles { get; set; }

    /// <summary>Writes of its group's state that it was told are done, over all its lives.</summary>
    public int StandbyCycles { get; set; }

    /// <summary>What its heartbeats call this life.</summary>
    public string Incarnation => _newestHeartbeat.Incarnation;

    public bool HasInstance => IsUp && _registryUser?.IsRegistered == true;

    public string NewId() => string.Create(CultureInfo.InvariantCulture, $"{Name}.{Life}-{++_ids}");

    /// <summary>By its own clocks, now: the session lives.</summary>
    public bool CountsOn(string sessionId) =>
        IsUp && _parts.Locks.Find(sessionId) is { } session && session.IsAlive(_parts.Clock);

    /// <summary>By its own clocks, now: the lease of its instance lives.</summary>
    public bool CountsOnInstance(string service, string instanceId) =>
        HasInstance && _registryUser!.Is(service, instanceId);

    /// <summary>What it holds by its own clocks, now.</summary>
    public IEnumerable<Acquire> Held => IsUp
        ? _parts.Locks.Open.Where(session => session.IsAlive(_parts.Clock))
            .SelectMany(session => session.Held.Values).Where(held => held.Stage == AcquireStage.Held)
        : [];

    /// <summary>
    /// What its callers work under, as nothing has told them that it is lost; paused ones do not work.
    /// </summary>
    public IEnumerable<Acquire> Trusted =>
        IsUp && !IsPaused ? _users.Select(user => user.Trusted).OfType<Acquire>() : [];

    public bool IsHeld(Acquire acquire)
    {
        if (acquire.Stage == AcquireStage.Held && !acquire.Session!.IsAlive(_parts.Clock))
        {
            Step(_ => { });
        }
        return acquire.Stage == AcquireStage.Held;
    }

    /// <summary>One input, as behind the real client's gate: the lease is looked at first.</summary>
    public void Step(Action<ClientParts> input)
    {
        Apply(input);
        Pump();
        foreach (var user in _users)
        {
            user.Look();
        }
        _standbyUser?.Look();
    }

    /// <summary>A question or an order that is about no session; nobody waits for its answer.</summary>
    public void Ask(Func<string, LockCommand> command) =>
        Step(parts => parts.Calls.Open(new Call<LockCommand, LockReply>
        {
            Id = NewId(),
            Command = call => command(call.Id),
            OnAnswer = _ => { },
            Timeout = _options.CallTimeout,
            OnTimeout = () => { },
        }));

    public void OnLinkUp() => Step(parts => parts.LinkUp());

    public void OnLinkDown() => Step(parts => parts.LinkDown());

    public void OnQueueDeleted(string queue)
    {
    }

    public void OnMessage(BusMessage message)
    {
        switch (message.Body)
        {
            case LockReplyBatch batch:
                foreach (var reply in batch.Replies)
                {
                    _world.Checks.History.OnAnswer(Name, reply);
                }
                _world.Trace.Add("answered", Name, batch.Replies.Count, batch);
                Step(parts => parts.Answer(batch));
                break;
            case RegistryReplyBatch batch:
                _world.Trace.Add("answered", Name, batch.Replies.Count, batch);
                Step(parts => parts.Answer(batch));
                break;
            case RecoveryReplyBatch batch:
                _world.Trace.Add("answered", Name, batch.Replies.Count, batch);
                Step(parts => parts.Answer(batch));
                break;
            case LockEvent { LockLost: { } lost }:
                Step(parts => parts.Locks.OnLockLost(lost));
                break;
            case RecoveryEvent news:
                Step(parts => parts.Standbys.OnEvent(news));
                break;
            case RecoveryEventsHead head:
                Step(parts => parts.Standbys.OnHead(head));
                break;
            case HeartbeatAnswered answer:
                _world.Trace.Add("renewed", Name, answer.Number);
                if (answer.Group == NodeSettings.Lock) _world.Checks.History.OnRenewed(answer);
                var taken = _world.Mutation.OnRenewed(answer, _newestHeartbeat.Number);
                Step(parts => parts.Pulse.OnAnswered(taken));
                break;
        }
    }

    protected override void OnStart()
    {
        _startedAt = Clock.Monotonic;
        _parts = new ClientParts(_options, Clock, NullLogger.Instance, NewId);
        _link = new SimulatedLink(_world.Broker, this, new LinkSettings
        {
            Address = string.Create(CultureInfo.InvariantCulture, $"client.{Name}.{Life}"),
            InboxTtl = _settings.CallTimeout * Scheduler.Millisecond,
            Subscriptions =
            [
                .. _world.Plan.HasStandbys ? [RecoveryReplica.Events] : Array.Empty<string>(),
                .. _settings.HearsEvents ? [LockReplica.Events] : Array.Empty<string>(),
            ],
        }, this);
        _users.Clear();
        for (var number = 0; number < _settings.Users; number++)
        {
            _users.Add(new LockUser(this));
        }
        _registryUser = _world.Plan.HasStandbys ? null : new RegistryUser(this);
        _standbyUser = _world.Plan.HasStandbys ? new StandbyUser(this, _settings.StandbyGroup) : null;
        _link.Start();
        foreach (var user in _users)
        {
            user.Start();
        }
        _registryUser?.Start();
        _standbyUser?.Start();
    }

    protected override void OnCrash()
    {
        _users.Clear();
        (_registryUser, _standbyUser) = (null, null);
    }

    protected override void Turn()
    {
        if (_world.Mutation.TimerDelay is var delay and > 0)
        {
            Later(delay, RunTimers);
        }
        else
        {
            RunTimers();
        }
    }

    private void RunTimers() => Step(parts => parts.Timetable.Run(parts.Clock.Now));

    private void Apply(Action<ClientParts> input)
    {
        _parts.Locks.CheckLease();
        input(_parts);
        _parts.Admit();
    }

    private void Pump()
    {
        var replyTo = ReplyAddress.Inbox(_link.Settings.Address);
        while (_parts.Take(replyTo, _link.Settings.Address, _link.Incarnation) is { } message)
        {
            Publish(message);
        }
        if (_parts.NextDue is { } due)
        {
            var milliseconds = (long)Math.Ceiling(due.TotalMilliseconds);
            var soonest = Scheduler.Now + Scheduler.Millisecond;
            Arm(Math.Max(soonest, Clock.WhenMonotonic(_startedAt + (milliseconds * Scheduler.Millisecond))));
        }
    }

    private void Publish(object message)
    {
        switch (message)
        {
            case Heartbeat heartbeat:
                _newestHeartbeat = heartbeat;
                if (heartbeat.Sessions.Count > 0)
                {
                    _world.Checks.History.OnCall(heartbeat);
                    _link.Publish(LockIntake.Heartbeats, heartbeat);
                }
                if (heartbeat.Leases.Count > 0)
                {
                    _link.Publish(RegistryIntake.Heartbeats, heartbeat);
                }
                if (_world.Plan.HasStandbys)
                {
                    _link.Publish(DetectorReplica.Heartbeats, heartbeat);
                }
                break;
            case LockCommandBatch batch:
                _world.Trace.Add("calls", Name, batch.Commands.Count, batch);
                if (_settings.WithoutSequences)
                {
                    var bare = batch.Commands.Select(BareCommands.WithoutSequence);
                    batch = batch with { Commands = [.. bare] };
                }
                foreach (var command in batch.Commands)
                {
                    _world.Checks.History.OnCall(BareCommands.IdOf(command));
                }
                _link.Publish(LockIntake.Batches, batch);
                break;
            case RegistryCommandBatch batch:
                _world.Trace.Add("calls", Name, batch.Commands.Count, batch);
                _link.Publish(RegistryIntake.Batches, batch);
                break;
            case RecoveryCommandBatch batch:
                _world.Trace.Add("calls", Name, batch.Commands.Count, batch);
                _link.Publish(RecoveryIntake.Batches, batch);
                break;
            default:
                throw new InvalidOperationException($"{Name} publishes {message}");
        }
    }
}

/// <summary>How one client is set; drawn per seed.</summary>
internal sealed record ClientSettings
{
    public required long SessionTtl { get; init; }

    public required long CallTimeout { get; init; }

    public required long HeartbeatInterval { get; init; }

    public required long LockDelay { get; init; }

    /// <summary>Its sessions end by a verdict that it has crashed; only of one that beats.</summary>
    public required bool CrashRelease { get; init; }

    /// <summary>
    /// Hears of lost locks by the service's events, and not by its heartbeats' answers alone.
    /// </summary>
    public required bool HearsEvents { get; init; }

    /// <summary>Callers of locks in the process.</summary>
    public required int Users { get; init; }

    /// <summary>That it is a member of, in a run that has such.</summary>
    public required string StandbyGroup { get; init; }

    /// <summary>
    /// As a sender of bare JSON: its commands are told apart by their ids alone, which are forgotten in time.
    /// </summary>
    public required bool WithoutSequences { get; init; }
}

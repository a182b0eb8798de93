using Muster.Bus;

namespace Muster.Client;

/// <summary>How a client reaches Muster and how patient it is. Checked when the client is made.</summary>
public sealed class MusterOptions
{
    /// <summary>
    /// The broker: <c>amqp://user:password@host:5672/vhost</c>, or <c>amqps://</c>: then its certificate must
    /// name the host, and be of an authority that this machine trusts. Required by <c>AddMuster</c> and by
    /// <see cref="MusterClient"/>'s constructor, except where they are given a link factory: that has its own
    /// broker, and this is not read.
    /// </summary>
    public Uri? Bus { get; set; }

    /// <summary>
    /// The cluster on that broker: 1 to 32 of a-z, 0-9 and hyphen, starting with a letter. Default
    /// <c>muster</c>.
    /// </summary>
    public string Cluster { get; set; } = BusNames.DefaultCluster;

    /// <summary>
    /// Who holds the locks, for people that look at them. At most 256 characters. Default: machine and
    /// process id.
    /// </summary>
    public string Owner { get; set; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>
    /// This process for the detectors, and in the registry: 1 to 128 of a-z, A-Z, 0-9, dot, hyphen,
    /// underscore. A process that is started again under the same name is the same node; of two that run
    /// under one name only one is judged. Empty (default): machine, process id and something random, so
    /// another one with each start, and a number from the process's second client on.
    /// </summary>
    public string Node { get; set; } = "";

    /// <summary>
    /// How often the process tells that it lives, while the client is connected; 100 ms to 1 min, default 1
    /// s. Zero: never, and the detectors do not judge it. Low: failures are found sooner, and each process
    /// costs more messages. Sessions and leases are renewed at a third of their TTL, and every 10 s at least,
    /// by the same messages. While there is a session, it is 250 ms at most for <see cref="CrashRelease"/>.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Receive the cluster's events of configuration, elections and standby groups. Default true. False: less
    /// traffic, and <see cref="IConfig.WatchAsync"/>, <see cref="IElections.ObserveAsync"/> and <see
    /// cref="IStandbys.JoinAsync"/> throw. That a lock was broken or taken away early (<see
    /// cref="ILockHandle.Lost"/>) is received in either case.
    /// </summary>
    public bool ReceiveEvents { get; set; } = true;

    /// <summary>
    /// Redis with the registry's views: StackExchange.Redis' configuration string. Null (default): none, and
    /// services are resolved over the bus.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>
    /// How long locks outlive a holder that went silent; 1 s to 24 h, default 15 s. Low: locks of a dead
    /// process pass on soon, and a short pause already loses them. High: the reverse. It is renewed every
    /// third of it, and every 10 s at least.
    /// </summary>
    public TimeSpan SessionTtl { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// After this process's session has expired nobody is granted its locks for so long; 0 (default) to 1
    /// min. For what it started and no fencing token stops.
    /// </summary>
    public TimeSpan LockDelay { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// Let this process's locks pass on within a second of its crash, and not after <see cref="SessionTtl"/>
    /// (default true). The detectors see the crash: the broker closed the process's connection while it beat,
    /// and it did not come back within 300 ms (<c>Detector:ReconnectGrace</c>) nor beat meanwhile. So does a
    /// living process whose connection breaks for longer: it loses its locks <b>before its TTL has run
    /// out</b>, others may be granted them <b>before <see cref="ILockHandle.Lost"/> fires</b> here (it fires
    /// when the process is connected again), and in that one case only the fencing token protects. False: no
    /// crash ends the session, and what is held stays held for the TTL whatever happens; for what no token
    /// guards. True costs four small messages a second while the process has a session, in place of <see
    /// cref="HeartbeatInterval"/>'s. Without heartbeats (<see cref="HeartbeatInterval"/> zero), detectors or
    /// the broker's plugin rabbitmq_event_exchange no crash is seen, and the TTL counts alone.
    /// </summary>
    public bool CrashRelease { get; set; } = true;

    /// <summary>
    /// How long a command is sent again and again until its outcome counts as unknown; 100 ms to 5 min,
    /// default 10 s. Below the time of a leader's election (2 to 3 s), ordinary failovers surface as unknown
    /// outcomes. Of an acquire, a candidacy and an upgrade it does not count while the client is not
    /// connected and their wait lasts, and counts anew from when it is connected again.
    /// </summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Unanswered commands at a time to one lock group, 1 to 4,000 (default); it keeps 4,096 results a
    /// session. Acquires beyond it wait in this process; releases and cancels never do.
    /// </summary>
    public int MaxOpenCommands { get; set; } = 4_000;

    /// <summary>
    /// Acquires that wait in this process, beyond which a new one is refused (LimitReached). Low: bursts are
    /// refused; high: memory. Those that wait in a lock's queue are not counted, and go on here whatever this
    /// is when the session is lost. 1 or more; default 100,000.
    /// </summary>
    public int MaxWaitingCalls { get; set; } = 100_000;

    /// <summary>
    /// Connect when the host starts, without waiting for it. Default false: at the first call. Without a host
    /// it does nothing: there call <see cref="IMuster.ConnectAsync"/>.
    /// </summary>
    public bool ConnectAtStart { get; set; }

    /// <summary>Its session may end when this process crashes, and the detectors can see that.</summary>
    internal bool IsReleasedOnCrash =>
        CrashRelease && HeartbeatInterval > TimeSpan.Zero && Node.Length > 0;

    /// <summary>A copy for one client, with its node's name.</summary>
    internal MusterOptions For(string node)
    {
        var copy = (MusterOptions)MemberwiseClone();
        copy.Node = node;
        return copy;
    }
}

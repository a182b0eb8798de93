using Muster.Contracts.Registry;

namespace Muster.Client;

internal enum RegistrationStage
{
    /// <summary>Its first command is out.</summary>
    Registering,

    /// <summary>The registry has taken it.</summary>
    Registered,

    /// <summary>The registry does not know it any more, or may not; it is being registered again.</summary>
    Missing,

    /// <summary>Another process has registered its id.</summary>
    Taken,

    /// <summary>Taken back by its owner, or never taken.</summary>
    Ended,
}

/// <summary>
/// The outcome of a registration's command; both null: not answered in time. <see cref="HasExpired"/>: it was
/// done, and the instance's lease has run out since.
/// </summary>
internal readonly record struct RegistrationAnswer(
    string CommandId, ServiceInstance? Instance, RegistryRefused? Refusal, bool HasExpired = false);

/// <summary>
/// One instance that this process keeps registered, under one lease. Changed under the client's gate only;
/// the lease may be read without it. The lease's id may be given, for runs that must be repeatable.
/// </summary>
internal sealed class Registration(ServiceRegistration wanted, string instanceId, string? leaseId = null)
{
    private volatile Stamp? _renewedAt;
    private volatile RegistrationStage _stage;

    public string LeaseId { get; } = leaseId ?? Guid.NewGuid().ToString("N");

    public string InstanceId { get; } = instanceId;

    public ServiceRegistration Wanted { get; set; } = wanted;

    /// <summary>As the owner wants it; null: it has said nothing, and an operator's draining holds.</summary>
    public bool? IsDraining { get; set; }

    /// <summary>The open command that registers or changes it.</summary>
    public RegistryCall? Call { get; set; }

    /// <summary>The registry may have it.</summary>
    public bool WasSent { get; set; }

    public RegistryCall? DrainCall { get; set; }

    /// <summary>
    /// The registry has it otherwise than its owner wants, since it was registered again: to be told until it
    /// has taken that.
    /// </summary>
    public bool OwesDrain { get; set; }

    /// <summary>
    /// How many commands changed it: the registry does not make an older one after a newer one.
    /// </summary>
    public long Changes { get; set; }

    public Renewal? Renewal { get; set; }

    /// <summary>At the lease's end, or for the next try.</summary>
    public Due? Look { get; set; }

    /// <summary>Cancelled when its id is another process's.</summary>
    public CancellationTokenSource Lost { get; } = new();

    /// <summary>
    /// Its taking back has ended: true when nothing is left of it, false when the registry did not say so.
    /// </summary>
    public TaskCompletionSource<bool> Removed { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RegistrationStage Stage
    {
        get => _stage;
        set => _stage = value;
    }

    /// <summary>When the newest answered renewal was sent.</summary>
    public Stamp? RenewedAt
    {
        get => _renewedAt;
        set => _renewedAt = value;
    }

    public TimeSpan Lease => Session.LeaseOf(Wanted.Ttl);

    public bool IsAlive(LeaseClock clock) =>
        Stage == RegistrationStage.Registered && RenewedAt is { } at && clock.Elapsed(at) < Lease;

    public DeregisterInstance Removal(string commandId) => new()
    {
        CommandId = commandId,
        Service = Wanted.Service,
        InstanceId = InstanceId,
        LeaseId = LeaseId,
    };

    public RegisterInstance Command(Call call, ServiceRegistration wanted, string node, long change) => new()
    {
        CommandId = call.Id,
        Service = wanted.Service,
        InstanceId = InstanceId,
        LeaseId = LeaseId,
        Scheme = wanted.Scheme,
        Host = wanted.Host,
        Port = wanted.Port,
        Zone = wanted.Zone,
        Weight = wanted.Weight,
        Tags = wanted.Tags,
        Metadata = wanted.Metadata,
        TtlMilliseconds = (long)wanted.Ttl.TotalMilliseconds,
        Node = node,
        Change = change,
    };
}

using Muster.Contracts;
using Muster.Contracts.Registry;

namespace Muster.Client;

/// <summary>The service registry: register instances of services, and find them.</summary>
public interface IServices
{
    /// <summary>
    /// Registers an instance and keeps it registered until it is disposed: its lease is renewed by the
    /// client's heartbeats, and it is registered again by itself whenever the registry has lost it. Of two
    /// processes that register one instance id the later has it, and the other is told (<see
    /// cref="IRegistration.Lost"/>): what a registration does by itself takes nothing from another.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A name, metadata or tags are too large, or something is null or no text; nothing was sent.
    /// </exception>
    /// <exception cref="MusterUnknownException">Not answered in time; it is taken back if need
    /// be.</exception>
    /// <exception cref="MusterRefusedException">Refused: a value breaks its rule, a limit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it is taken back if need be.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task<IRegistration> RegisterAsync(
        ServiceRegistration registration, CancellationToken cancellationToken = default);

    /// <summary>
    /// The instances of a service: from the local copy while it is young enough, else from Redis, else from
    /// the registry; with all of them away, or none answering within 250 ms, the last that is known, or that
    /// Redis knows, marked <see cref="ResolveSource.Stale"/>. Never an older view after a newer one, but
    /// where the registry itself does not have the newer. A service that nobody registered has no instances.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The name has more than 128 characters, or is no text; nothing was sent.
    /// </exception>
    /// <exception cref="MusterUnknownException">
    /// Nothing answers, and nothing is known of the service yet; or a linearizable answer was asked for.
    /// </exception>
    /// <exception cref="MusterRefusedException">Refused: a bad name.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    ValueTask<ResolvedService> ResolveAsync(
        string service, ResolveOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>The services whose names have a prefix, in ordinal order, read linearizably page by
    /// page.</summary>
    /// <exception cref="ArgumentException">
    /// The prefix has more than 128 characters, or is no text; nothing was sent.
    /// </exception>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    Task<IReadOnlyList<ServiceSummary>> ListAsync(
        string prefix = "", CancellationToken cancellationToken = default);
}

/// <summary>An instance to register. Nothing but the instance's id may be null.</summary>
public sealed record ServiceRegistration
{
    /// <summary>1 to 128 of a-z, A-Z, 0-9, dot, hyphen, underscore.</summary>
    public required string Service { get; init; }

    /// <summary>
    /// Unique in the service, as <see cref="Service"/> and colon. Null (default): made of the client's node
    /// and something random. An instance that is there under this id is taken over, whosever it is.
    /// </summary>
    public string? InstanceId { get; init; }

    /// <summary><c>https</c>, <c>amqp</c>; at most 32 characters. Default empty.</summary>
    public string Scheme { get; init; } = "";

    /// <summary>1 to 255 characters.</summary>
    public required string Host { get; init; }

    /// <summary>0 (none, default) to 65,535.</summary>
    public int Port { get; init; }

    /// <summary>At most 128 characters; empty (default): no zone.</summary>
    public string Zone { get; init; } = "";

    /// <summary>0 to 10,000, for weighted balancing; default 100.</summary>
    public int Weight { get; init; } = 100;

    /// <summary>At most 64, of at most 128 characters.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>At most 64 keys, and 8 KiB of UTF-8 in all.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>How long it stays registered when this process dies; 1 s to 24 h, default 15 s.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// With tags and metadata of its own: it is sent again and again, long after its caller has gone on. What
    /// is null stays so.
    /// </summary>
    internal ServiceRegistration Copy() => this with
    {
        Tags = Tags is null ? Tags! : [.. Tags],
        Metadata = Metadata is null
            ? Metadata!
            : new Dictionary<string, string>(Metadata, StringComparer.Ordinal),
    };
}

/// <summary>
/// An instance that is kept registered until disposed: that takes it out and waits 1 s for the answer at
/// most; it is idempotent and throws nothing.
/// </summary>
public interface IRegistration : IAsyncDisposable
{
    /// <summary>The service.</summary>
    string Service { get; }

    /// <summary>The instance's id.</summary>
    string InstanceId { get; }

    /// <summary>
    /// False while the registry does not know the instance, or may not: it is being registered again.
    /// </summary>
    bool IsRegistered { get; }

    /// <summary>
    /// Cancelled when another process has registered this instance id, which is noticed with the next
    /// renewal: a third of the TTL later, 10 s at most. This one is over then and is not registered again;
    /// <see cref="IServices.RegisterAsync"/> takes the id back. Not cancelled by disposing. Callbacks run on
    /// the thread pool.
    /// </summary>
    CancellationToken Lost { get; }

    /// <summary>
    /// Takes the instance out of new traffic, or (false) back in. Survives re-registrations. Without a call
    /// of it, it is left as an operator set it.
    /// </summary>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused: not registered now, or lost.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it may be drained all the same.</exception>
    /// <exception cref="ObjectDisposedException">The registration or the client is disposed.</exception>
    Task DrainAsync(bool isDraining = true, CancellationToken cancellationToken = default);

    /// <summary>Changes the instance's address or attributes.</summary>
    /// <param name="registration">The same service, and the same instance id or null.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">
    /// Another service or instance id, metadata or tags that are too large, or null or no text; nothing was
    /// sent.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; it may be changed all the same.</exception>
    /// <exception cref="MusterUnknownException">Not answered within the call time-out.</exception>
    /// <exception cref="MusterRefusedException">Refused; it stays as it was. Or lost.</exception>
    /// <exception cref="ObjectDisposedException">The registration or the client is disposed.</exception>
    Task UpdateAsync(ServiceRegistration registration, CancellationToken cancellationToken = default);
}

/// <summary>How fresh a resolved view must be.</summary>
public sealed record ResolveOptions
{
    internal static ResolveOptions Default { get; } = new();

    /// <summary>
    /// A local or cached view that is older is not taken; 0: always ask. Default 5 s. Low: more questions;
    /// high: changes of a service are seen later while the announcements do not come through.
    /// </summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Linearizable: everything that was acknowledged before the call is in it; from the bus each time, and
    /// nothing if that fails. Default cached.
    /// </summary>
    public ReadMode Mode { get; init; } = ReadMode.Cached;
}

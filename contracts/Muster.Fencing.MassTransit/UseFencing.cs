using MassTransit;

namespace Muster.Fencing;

/// <summary>Fencing in MassTransit's configuration.</summary>
public static class UseFencingExtensions
{
    /// <summary>
    /// Puts the fence of <see cref="FencingScope.Current"/> into the headers of what the bus and its
    /// endpoints send and publish. What a consumer sends outside of a scope has none: MassTransit would copy
    /// that of the consumed message. So use it also where messages are only consumed. A fence that the
    /// message's own callback sets comes after it, and counts.
    /// </summary>
    public static void UseFencingHeaders(this IBusFactoryConfigurator bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.ConfigureSend(pipe => pipe.UseExecute(Fence));
        bus.ConfigurePublish(pipe => pipe.UseExecute(Fence));
    }

    /// <summary>
    /// Lets an endpoint refuse messages whose token is older than the newest it saw for their resource,
    /// before any consumer, batch or saga sees them. This is an early refusal: a message that has passed may
    /// still be at work when a newer one passes. So guard what the consumer writes once more, in its own
    /// transaction (<see cref="FencingHeaders.GetFence"/>, <see cref="SqlFence.GuardAsync"/>).
    /// </summary>
    /// <param name="endpoint">
    /// Before its consumers are configured. After them they are guarded no less, but nobody hears of a fault
    /// with their message's type (<c>Fault&lt;T&gt;</c>), who waits for a response neither. It runs before
    /// the endpoint's <c>UseMessageRetry</c>; a store that may be away needs a <c>UseRetry</c> before it, or
    /// its failure is the message's; one that ignores <see cref="StaleFencingTokenException"/>, <see
    /// cref="MissingFencingTokenException"/> and <see cref="InvalidFencingHeadersException"/>, since trying
    /// those again never helps.
    /// </param>
    /// <param name="store">
    /// Shared by all processes that consume from the endpoint: <see cref="SqlFenceStore"/>,
    /// <c>RedisFence</c>.
    /// </param>
    /// <param name="options">Null: the defaults.</param>
    public static void UseFencingGuard(
        this IConsumePipeConfigurator endpoint, IFenceStore store,
        FencingGuardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(store);
        var faults = new TypedFaults(endpoint);
        endpoint.UseFilter(new FencingGuardFilter(store, options ?? new FencingGuardOptions(), faults));
    }

    private static void Fence(SendContext context)
    {
        if (FencingScope.Current is { } scope)
        {
            scope.Apply(context);
        }
        else
        {
            context.Headers.Set(FencingHeaders.Resource, null);
            context.Headers.Set(FencingHeaders.Token, null);
        }
    }
}

/// <summary>What an endpoint does with messages that it refuses.</summary>
public sealed record FencingGuardOptions
{
    /// <summary>Of a stale, a missing and an impossible token. Default: a fault.</summary>
    public RefusedMessages Refused { get; init; } = RefusedMessages.Fault;

    /// <summary>
    /// Takes messages without fencing headers. Default false: on an endpoint that counts on fences, a
    /// sender that forgot its scope would pass every guard. True while senders are being changed.
    /// </summary>
    public bool AcceptUnfenced { get; init; }
}

/// <summary>
/// Where a refused message goes. Each is also logged (event 7401) and counted
/// (<c>muster.fencing.refused</c>).
/// </summary>
public enum RefusedMessages
{
    /// <summary>
    /// Faulted with the exception: to the <c>_error</c> queue, <c>Fault&lt;T&gt;</c> is published, or sent to
    /// who waits for a response.
    /// </summary>
    Fault,

    /// <summary>To the <c>_skipped</c> queue; nobody is told.</summary>
    Skip,
}

using Muster.Bus;

namespace Muster.Serving;

/// <summary>An event on its way out.</summary>
/// <param name="Contract">Under which it leaves.</param>
/// <param name="PublishAsync">
/// Publishes it and ends when the broker has it; false: nobody is bound to the contract, and so nobody has
/// it. Throws <see cref="EventNotPublishedException"/> when it is perhaps not published.
/// </param>
public sealed record OutgoingEvent(Type Contract, Func<CancellationToken, Task<bool>> PublishAsync)
{
    public static OutgoingEvent Of<T>(IBusLink link, T content) where T : class =>
        new(typeof(T), cancellationToken => link.PublishEventAsync(content, cancellationToken));
}

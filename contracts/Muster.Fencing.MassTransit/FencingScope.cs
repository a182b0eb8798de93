using MassTransit;
using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>
/// While it is entered, all that this flow of code sends and publishes carries a lock's token, and nothing is
/// sent once the lock is lost:
/// <code>
/// using var scope = FencingScope.Enter("orders", () => held.FencingToken, () => held.IsLost);
/// </code>
/// Needs <see cref="UseFencingExtensions.UseFencingHeaders"/> on the bus. It follows <c>await</c> and tasks
/// that start within it, also when they outlive it: their messages stay fenced. An outbox sends later,
/// outside of it: there use <see cref="Apply"/>, <c>Publish(message, sent => scope.Apply(sent))</c>. What a
/// consumer sends is fenced only if it enters a scope itself: an event about what was done must not be
/// refused later.
/// </summary>
public sealed class FencingScope : IDisposable
{
    private static readonly AsyncLocal<Entered?> Ambient = new();

    private readonly string _resource;
    private readonly Func<FencingToken> _token;
    private readonly Func<bool>? _isLost;

    private FencingScope(string resource, Func<FencingToken> token, Func<bool>? isLost)
    {
        FenceArguments.Check(resource, token());
        (_resource, _token, _isLost) = (resource, token, isLost);
        Ambient.Value = new Entered(this, Ambient.Value);
    }

    /// <summary>The innermost one that this flow of code has entered; null: none.</summary>
    public static FencingScope? Current => Ambient.Value?.Scope;

    /// <summary>What a message that is sent now carries.</summary>
    public MessageFence Fence => new(_resource, _token());

    /// <summary>
    /// Enters a scope until it is disposed; scopes nest, and the innermost counts. All of its messages carry
    /// this one token: of a handle that is upgraded meanwhile it would be the old one, which a guard refuses
    /// once it saw the new one. There use <see cref="Enter(string, Func{FencingToken}, Func{bool})"/>.
    /// </summary>
    /// <param name="resource">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
    /// <param name="token">The handle's, of the lock that protects the resource.</param>
    /// <param name="isLost">
    /// Asked before each message: <c>() => held.IsLost</c>. Null, for a token from elsewhere: never lost.
    /// </param>
    /// <exception cref="ArgumentException">No such resource or token can be.</exception>
    public static FencingScope Enter(string resource, FencingToken token, Func<bool>? isLost = null) =>
        new(resource, () => token, isLost);

    /// <summary>
    /// As the other, but each message carries the token of the moment at which it is sent: after an upgrade
    /// the new one.
    /// </summary>
    /// <param name="resource">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
    /// <param name="token">
    /// Asked once here and before each message, on the threads that send: <c>() => held.FencingToken</c>, or
    /// <c>() => held.FencingTokenOf(name)</c> of several names. What it throws, entering or sending throws.
    /// </param>
    /// <param name="isLost">
    /// Asked before each message: <c>() => held.IsLost</c>. Null, for a token from elsewhere: never lost.
    /// </param>
    /// <exception cref="ArgumentException">
    /// No such resource or token can be; of a later token, a message that is sent under it has it.
    /// </exception>
    public static FencingScope Enter(string resource, Func<FencingToken> token, Func<bool>? isLost = null)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new(resource, token, isLost);
    }

    /// <summary>
    /// Fences one message. The filter of <see cref="UseFencingExtensions.UseFencingHeaders"/> calls it.
    /// </summary>
    /// <exception cref="FenceLostException">The lock is lost; the message is not sent.</exception>
    public void Apply(SendContext context)
    {
        var fence = Fence;
        if (_isLost?.Invoke() == true)
        {
            throw new FenceLostException(fence);
        }
        context.SetFence(fence.Resource, fence.Token);
    }

    /// <summary>
    /// Leaves it, in this flow of code; the innermost of those that are left counts, in whatever order they
    /// are disposed.
    /// </summary>
    public void Dispose() => Ambient.Value = Ambient.Value?.Without(this);

    /// <summary>
    /// The scopes that a flow has entered. Never changed: a task that started within keeps those of then.
    /// </summary>
    private sealed record Entered(FencingScope Scope, Entered? Outer)
    {
        public Entered? Without(FencingScope left) =>
            Scope == left ? Outer : this with { Outer = Outer?.Without(left) };
    }
}

/// <summary>A message was not sent, because the lock under which it should have been is lost.</summary>
/// <param name="fence">See <see cref="Fence"/>.</param>
public sealed class FenceLostException(MessageFence fence)
    : Exception($"The lock of '{fence.Resource}' with token {fence.Token} is lost; the message is not sent.")
{
    /// <summary>The resource, and the token that is not held any more.</summary>
    public MessageFence Fence { get; } = fence;
}

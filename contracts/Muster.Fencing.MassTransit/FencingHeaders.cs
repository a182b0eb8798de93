using System.Globalization;
using MassTransit;
using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>Under which token a message was sent, and for which resource.</summary>
/// <param name="Resource">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
/// <param name="Token">1 to <see cref="FencingToken.MaxValue"/>.</param>
public sealed record MessageFence(string Resource, FencingToken Token);

/// <summary>
/// A message's fence in its headers, as any language can write them: the resource, and the token as a decimal
/// number or its text.
/// </summary>
public static class FencingHeaders
{
    /// <summary>The header of the resource.</summary>
    public const string Resource = "Muster-Fencing-Resource";

    /// <summary>The header of the token.</summary>
    public const string Token = "Muster-Fencing-Token";

    /// <summary>
    /// The message's fence, to guard with it what the consumer writes: <c>SqlFence.GuardAsync(transaction,
    /// fence.Resource, fence.Token)</c>. Null: it has none.
    /// </summary>
    /// <exception cref="InvalidFencingHeadersException">Only one of the two, or no such values.</exception>
    public static MessageFence? GetFence(this MessageContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var hasResource = context.Headers.TryGetHeader(Resource, out var resource);
        var hasToken = context.Headers.TryGetHeader(Token, out var token);
        if (!hasResource && !hasToken)
        {
            return null;
        }
        var name = Text(resource);
        if (!long.TryParse(Text(token), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new InvalidFencingHeadersException($"{Token} is no whole number.");
        }
        var fence = new MessageFence(name, new FencingToken(number));
        return FenceArguments.ProblemOf(fence.Resource, fence.Token) is { } problem
            ? throw new InvalidFencingHeadersException(problem)
            : fence;
    }

    /// <summary>
    /// Sets a message's fence by hand, where no <see cref="FencingScope"/> is at hand when it is sent.
    /// </summary>
    /// <exception cref="ArgumentException">No such resource or token can be.</exception>
    public static void SetFence(this SendContext context, string resource, FencingToken token)
    {
        ArgumentNullException.ThrowIfNull(context);
        FenceArguments.Check(resource, token);
        context.Headers.Set(Resource, resource);
        context.Headers.Set(Token, token.ToString());
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}

/// <summary>A message's headers name no fence that can be. It is refused, never taken for unfenced.</summary>
/// <param name="message">Which header, and the rule that it breaks.</param>
public sealed class InvalidFencingHeadersException(string message) : Exception(message);

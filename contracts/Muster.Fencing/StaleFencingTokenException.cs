using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>
/// A write was refused because a newer holder has been here: this one has lost its lock, whether it knows or
/// not. Nothing was written. Trying again with the same token never helps.
/// </summary>
/// <param name="resource">See <see cref="Resource"/>.</param>
/// <param name="token">See <see cref="Token"/>.</param>
/// <param name="newest">See <see cref="Newest"/>.</param>
public sealed class StaleFencingTokenException(string resource, FencingToken token, FencingToken newest)
    : Exception($"Token {token} of '{resource}' is older than {newest}: its lock has gone to another holder.")
{
    /// <summary>What was to be written.</summary>
    public string Resource { get; } = resource;

    /// <summary>The token that was refused.</summary>
    public FencingToken Token { get; } = token;

    /// <summary>The newest token that was shown for the resource.</summary>
    public FencingToken Newest { get; } = newest;

    internal static void ThrowIfStale(string resource, FencingToken token, FencingToken newest)
    {
        if (newest > token)
        {
            throw new StaleFencingTokenException(resource, token, newest);
        }
    }
}

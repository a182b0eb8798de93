using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>
/// Fences of one process, for tests and for what lives in this process only: a restart forgets them, and
/// takes an old token until a newer one is shown. Thread-safe.
/// </summary>
/// <param name="maxResources">More are refused; none is ever forgotten. Default 100,000.</param>
public sealed class MemoryFenceStore(int maxResources = 100_000) : IFenceStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FencingToken> _fences = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">All places are taken by other resources.</exception>
    public ValueTask<FencingToken> RaiseAsync(
        string resource, FencingToken token, CancellationToken cancellationToken = default)
    {
        FenceArguments.Check(resource, token);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var isKnown = _fences.TryGetValue(resource, out var newest);
            if (!isKnown && _fences.Count >= maxResources)
            {
                throw new InvalidOperationException(
                    $"The fences of {maxResources} resources are kept; there is no place for '{resource}'.");
            }
            if (token > newest)
            {
                _fences[resource] = newest = token;
            }
            return ValueTask.FromResult(newest);
        }
    }
}

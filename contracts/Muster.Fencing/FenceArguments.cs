using Muster.Contracts;

namespace Muster.Fencing;

/// <summary>What every guard takes; the same everywhere, so that a resource fits all of them.</summary>
internal static class FenceArguments
{
    public const int MaxResourceLength = 512;

    public static void Check(string resource, FencingToken token)
    {
        ArgumentException.ThrowIfNullOrEmpty(resource);
        if (ProblemOf(resource, token) is { } problem)
        {
            throw new ArgumentException(problem);
        }
    }

    /// <summary>Null: none.</summary>
    public static string? ProblemOf(string resource, FencingToken token) =>
        resource.Length is 0 or > MaxResourceLength
            ? $"A resource has 1 to {MaxResourceLength} characters, not {resource.Length}."
        : resource.Any(char.IsControl) ? "A resource has no control characters."
        : token.Value is < 1 or > FencingToken.MaxValue
            ? $"A fencing token is 1 to {FencingToken.MaxValue}, not {token}."
        : null;
}

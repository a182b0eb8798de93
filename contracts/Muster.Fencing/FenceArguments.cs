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
        : !IsWhole(resource) ? "A resource has no half of a surrogate pair."
        : token.Value is < 1 or > FencingToken.MaxValue
            ? $"A fencing token is 1 to {FencingToken.MaxValue}, not {token}."
        : null;

    /// <summary>In UTF-8 every half of a pair is the same replacement character.</summary>
    private static bool IsWhole(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && !char.IsSurrogatePair(text, at++))
            {
                return false;
            }
        }
        return true;
    }
}

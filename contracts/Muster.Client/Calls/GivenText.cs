using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Muster.Client;

/// <summary>
/// Text that a caller gives. Half of a surrogate pair is none: JSON would have a replacement character in its
/// place, and so another name or value than the caller's, perhaps somebody else's.
/// </summary>
internal static class GivenText
{
    /// <exception cref="ArgumentNullException">Null.</exception>
    /// <exception cref="ArgumentException">No text.</exception>
    public static void Check(
        string text, [CallerArgumentExpression(nameof(text))] string? parameter = null)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        CheckField("It", text, parameter!);
    }

    /// <summary>
    /// As <see cref="Check"/>, of a part of what is given. Null would be a fault of the whole batch, with
    /// other callers' commands.
    /// </summary>
    /// <exception cref="ArgumentException">Null or no text.</exception>
    public static void CheckField(string field, string? text, string parameter)
    {
        ThrowIfNull(field, text, parameter);
        if (!IsWhole(text))
        {
            throw new ArgumentException(
                $"{field} has half of a surrogate pair, which is no text.", parameter);
        }
    }

    /// <exception cref="ArgumentException">Null.</exception>
    public static void ThrowIfNull(string field, [NotNull] object? part, string parameter)
    {
        if (part is null)
        {
            throw new ArgumentException($"{field} is null.", parameter);
        }
    }

    /// <summary>No half of a surrogate pair is in it.</summary>
    public static bool IsWhole(string text)
    {
        for (var at = 0; text.AsSpan(at).IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var next;)
        {
            if (!Rune.TryGetRuneAt(text, at + next, out _))
            {
                return false;
            }
            at += next + 2;
        }
        return true;
    }
}

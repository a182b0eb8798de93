using System.Globalization;

namespace Muster.Testing;

/// <summary>
/// One text for each number, whatever way it was written, so that comparing the texts compares the values. No
/// binary floating point on the way: it would take different numbers for one.
/// </summary>
internal static class DecimalText
{
    // Beyond so many zeros a number is written with an exponent.
    private const int MostZeros = 20;

    public static string Canonical(string number)
    {
        var unsigned = number.StartsWith('-') ? number[1..] : number;
        var exponentAt = unsigned.IndexOfAny(['e', 'E']);
        var mantissa = exponentAt < 0 ? unsigned : unsigned[..exponentAt];
        var exponent = exponentAt < 0 ? 0 : Exponent(unsigned[(exponentAt + 1)..], number);
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (pointAt >= 0)
        {
            exponent -= mantissa.Length - pointAt - 1;
            mantissa = mantissa.Remove(pointAt, 1);
        }
        if (mantissa.Length == 0 || !mantissa.All(char.IsAsciiDigit))
        {
            throw new FormatException($"'{number}' is no number.");
        }
        var digits = mantissa.TrimStart('0');
        exponent += digits.Length - digits.TrimEnd('0').Length;
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? "0" : (number.StartsWith('-') ? "-" : "") + Write(digits, exponent);
    }

    private static long Exponent(string text, string number) =>
        // Half the range, so that moving the point cannot overflow.
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            && exponent is > long.MinValue / 2 and < long.MaxValue / 2
            ? exponent
            : throw new FormatException($"'{number}' has no readable exponent.");

    private static string Write(string digits, long exponent)
    {
        if (exponent is >= 0 and <= MostZeros)
        {
            return digits + new string('0', (int)exponent);
        }
        var whole = digits.Length + exponent;
        return exponent > 0 || whole < -MostZeros ? $"{digits}e{exponent}"
            : whole > 0 ? $"{digits[..(int)whole]}.{digits[(int)whole..]}"
            : $"0.{new string('0', (int)-whole)}{digits}";
    }
}

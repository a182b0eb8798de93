namespace Muster.Detector.Core;

/// <summary>
/// The upper tail of the standard normal distribution as a logarithm, so that it stays exact where the
/// probability itself is too small for a double.
/// </summary>
public static class NormalTail
{
    private static readonly double Ln10 = Math.Log(10);
    private static readonly double TwoOverSqrtPi = 2 / Math.Sqrt(Math.PI);
    private static readonly double LnTwoSqrtPi = Math.Log(2 * Math.Sqrt(Math.PI));

    /// <summary>Where the series of the error function gives way to the continued fraction.</summary>
    private const double Far = 2;

    /// <summary>Enough for 14 digits at <see cref="Far"/>, and more than enough beyond it.</summary>
    private const int Fractions = 80;

    /// <summary>
    /// -log10 Q(z), Q(z) = erfc(z / sqrt 2) / 2: 0 for what was to be expected, 0.3 at z = 0, and growing
    /// with the square of z. Finite for every finite z below 1e150.
    /// </summary>
    public static double NegativeLog10(double z)
    {
        var x = z / Math.Sqrt(2);
        if (x >= Far)
        {
            return -LnFarTail(x) / Ln10;
        }
        if (x >= 0)
        {
            return -Math.Log10((1 - Erf(x)) / 2);
        }
        // Q(z) = 1 - Q(-z): the other tail is what is small here.
        var other = -x >= Far ? Math.Exp(LnFarTail(-x)) : (1 - Erf(-x)) / 2;
        return -LnOneMinus(other) / Ln10;
    }

    /// <summary>
    /// ln(erfc(x) / 2) for x of <see cref="Far"/> or more. Abramowitz and Stegun 7.1.14:
    /// sqrt(pi) exp(x^2) erfc(x) = 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + 2 / (x + ...))))).
    /// </summary>
    private static double LnFarTail(double x)
    {
        var fraction = x;
        for (var n = Fractions; n >= 1; n--)
        {
            fraction = x + (n / 2.0 / fraction);
        }
        return -(x * x) - Math.Log(fraction) - LnTwoSqrtPi;
    }

    /// <summary>
    /// Abramowitz and Stegun 7.1.6: erf(x) = 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (1 * 3 * ... * (2n+1));
    /// all terms are positive, so nothing cancels out.
    /// </summary>
    private static double Erf(double x)
    {
        var term = x;
        var sum = x;
        // 2 x^2 / (2n + 1) is below 1/2 from n = 8 on: some 60 terms at most.
        for (var n = 1; term > sum * 1e-17 && n < 200; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }
        return TwoOverSqrtPi * Math.Exp(-x * x) * sum;
    }

    /// <summary>ln(1 - q), exact for small q too.</summary>
    private static double LnOneMinus(double q) =>
        q > 1e-4 ? Math.Log(1 - q) : -q * (1 + (q * (0.5 + (q * (1.0 / 3 + (q / 4))))));
}

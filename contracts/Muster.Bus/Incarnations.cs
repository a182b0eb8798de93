using System.Globalization;

namespace Muster.Bus;

internal static class Incarnations
{
    /// <summary>
    /// A fresh name: <c>ADDRESS.xxxxxxxx</c>. A random part, because a restarted process remembers no
    /// counter.
    /// </summary>
    public static string Next(string address) =>
        string.Create(
            CultureInfo.InvariantCulture, $"{address}.{(uint)Random.Shared.NextInt64(1L << 32):x8}");
}

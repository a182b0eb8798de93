using System.Globalization;

namespace Muster.Client;

/// <summary>
/// Names the caller's flow of control, for the deadlock report: what it acquires it acquires one after the
/// other. A flow that starts others hands its name on to them.
/// </summary>
internal static class LockFlow
{
    private static readonly AsyncLocal<string?> Flow = new();
    private static readonly string Process = Guid.NewGuid().ToString("N")[..12];
    private static long _last;

    /// <summary>
    /// To be read before the first await: what an async method sets its caller does not see.
    /// </summary>
    public static string Current =>
        Flow.Value ??= string.Create(
            CultureInfo.InvariantCulture, $"{Process}-{Interlocked.Increment(ref _last)}");
}

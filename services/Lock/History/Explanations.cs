using System.Globalization;
using Muster.Contracts.Lock;

namespace Muster.Lock.History;

/// <summary>
/// What an entry says, in a sentence. The one place that knows all kinds and causes; a cause that it does not
/// know stands for itself.
/// </summary>
internal static class Explanations
{
    public static string Of(HistoryRow row) => row.Kind switch
    {
        LockHistoryKind.Queued =>
            $"{Who(row)} waits, behind {(row.Ahead == 1 ? "1 other" : $"{row.Ahead} others")}.",
        LockHistoryKind.Granted => $"Granted to {Who(row)} under token {row.Token}, "
            + (row.Duration > 0 ? $"after {Seconds(row.Duration)} in the queue." : "at once."),
        LockHistoryKind.WaitEnded =>
            $"{Who(row)} waits no more, after {Seconds(row.Duration)} and without a grant: {Why(row)}.",
        LockHistoryKind.Released => $"Given back by {Who(row)} (token {row.Token}) after "
            + $"{Seconds(row.Duration)}: {Why(row)}.",
        LockHistoryKind.Lost =>
            $"Taken from {Who(row)} (token {row.Token}) after {Seconds(row.Duration)}: {Why(row)}.",
        LockHistoryKind.DelayStarted => $"Nobody is granted it for {Seconds(row.Duration)}, a lock delay: "
            + $"{Who(row)} {(row.Cause == "SessionCrashed" ? "crashed" : "expired")}.",
        LockHistoryKind.SessionEnded => $"{Who(row)} ended: {Why(row)}.",
        _ => row.Kind.ToString(),
    };

    private static string Why(HistoryRow row) => row.Cause switch
    {
        "WaitRanOut" => "its time to wait ran out",
        "Released" => row.IsUpgrade
            ? $"command {row.CommandId}; the hold is upgradeable again"
            : $"command {row.CommandId}",
        "Cancelled" => $"cancelled by command {row.CommandId}",
        "HoldEnded" => "what it was to upgrade is held no more",
        "SessionClosed" => "its session was closed by its client",
        "SessionExpired" when row.SinceRenewal is { } silence => $"its session's TTL of {Seconds(row.Ttl)} "
            + $"ran out, {Seconds(silence)} after the last renewal (log time {row.LogTime - silence} ms, "
            + $"ended at {row.LogTime} ms)",
        "SessionExpired" => "its session expired",
        "SessionCrashed" => "the detectors held its process for crashed",
        "Broken" => $"broken by command {row.CommandId}"
            + (row.Reason.Length > 0 ? $", \"{row.Reason}\"" : ""),
        var other => other,
    };

    private static string Who(HistoryRow row) =>
        (row.IsUpgrade ? "the upgrade in session " : "session ") + row.SessionId
            + (row.Owner.Length > 0 ? $" ({row.Owner})" : "");

    private static string Seconds(long? milliseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{(milliseconds ?? 0) / 1_000m:0.###} s");
}

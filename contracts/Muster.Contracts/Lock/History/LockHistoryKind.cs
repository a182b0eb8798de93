using System.Text.Json.Serialization;

namespace Muster.Contracts.Lock;

/// <summary>What happened. An acquire that was refused at once is not recorded: it changed nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockHistoryKind>))]
public enum LockHistoryKind
{
    /// <summary>The acquire, or the upgrade, waits.</summary>
    Queued,

    /// <summary>It holds the lock; of an upgrade: exclusively, under another token.</summary>
    Granted,

    /// <summary>It waits no more, and was not granted.</summary>
    WaitEnded,

    /// <summary>Given back; of an upgrade: the hold is upgradeable again.</summary>
    Released,

    /// <summary>Taken from its holder.</summary>
    Lost,

    /// <summary>Nobody is granted the lock for a while: its holder's session expired or crashed.</summary>
    DelayStarted,

    /// <summary>The session ended, and with it all that it held or waited for.</summary>
    SessionEnded,
}

/// <summary>Why a history has a gap.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockHistoryGapCause>))]
public enum LockHistoryGapCause
{
    /// <summary>
    /// The replica did not apply these entries: it began with a snapshot that has them, or an operator had
    /// them refused.
    /// </summary>
    NotApplied,

    /// <summary>More happened than could be written down.</summary>
    TooMuch,

    /// <summary>It could not be written: a full disk, a damaged file.</summary>
    NotWritten,

    /// <summary>A backup's state took the place of the group's.</summary>
    Restored,

    /// <summary>
    /// The replica had applied these entries when an operator had the first of them refused; what it had
    /// written down of them was of a state that is no more, and is gone.
    /// </summary>
    Refused,
}

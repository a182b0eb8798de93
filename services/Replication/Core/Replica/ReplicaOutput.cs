using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>
/// What a step asks for, in the order of duty: hand out what was applied, then what failed, answer reads,
/// send. The sends rest on nothing that must be stored first.
/// </summary>
public sealed class ReplicaOutput<TCommand, TEffect>
{
    internal List<AppliedEffects<TEffect>> AppliedList { get; } = [];

    internal List<WithdrawnEntries> WithdrawnList { get; } = [];

    internal List<TCommand> UnknownList { get; } = [];

    internal List<TCommand> OverloadedList { get; } = [];

    internal List<TCommand> TooLargeList { get; } = [];

    internal List<TCommand> NotYetList { get; } = [];

    internal List<long> ReadyList { get; } = [];

    internal List<long> ReadsUnknownList { get; } = [];

    internal List<ReplicaSend> SendList { get; } = [];

    /// <summary>Every entry applied in this step, in the log's order.</summary>
    public IReadOnlyList<AppliedEffects<TEffect>> Applied => AppliedList;

    /// <summary>
    /// Entries whose effects were handed out, in this step or an earlier one, by a machine that had one in it
    /// which the log refuses. What they do without it is handed out to nobody.
    /// </summary>
    public IReadOnlyList<WithdrawnEntries> Withdrawn => WithdrawnList;

    /// <summary>
    /// Commands whose outcome is in doubt, each reported once and not proposed again. The log may hold them
    /// all the same: their effects then come in <see cref="Applied"/> later, and whoever answers callers must
    /// drop the answer to a command it gave up.
    /// </summary>
    public IReadOnlyList<TCommand> Unknown => UnknownList;

    /// <summary>Commands refused because too many wait: never proposed, so not in doubt.</summary>
    public IReadOnlyList<TCommand> Overloaded => OverloadedList;

    /// <summary>Commands that no entry can hold: never proposed, so not in doubt.</summary>
    public IReadOnlyList<TCommand> TooLarge => TooLargeList;

    /// <summary>
    /// Commands that need a version of the machine that is not in force: never proposed, so not in doubt.
    /// </summary>
    public IReadOnlyList<TCommand> NotYet => NotYetList;

    /// <summary>Reads that may now be served from the machine as it is after this step.</summary>
    public IReadOnlyList<long> ReadsReady => ReadyList;

    /// <summary>Reads that got no answer in time or had no room.</summary>
    public IReadOnlyList<long> ReadsUnknown => ReadsUnknownList;

    public IReadOnlyList<ReplicaSend> Sends => SendList;

    /// <summary>
    /// The log that the machine follows after this step; empty until a node named one. When it differs from
    /// that of the step before, the machine is a new one, and nothing of the old is left.
    /// </summary>
    public string LogId { get; internal set; } = "";

    /// <summary>The last entry in the machine.</summary>
    public LogIndex AppliedIndex { get; internal set; }

    /// <summary>The start is over and no known entry has been missing for longer than a resend.</summary>
    public bool IsCaughtUp { get; internal set; }

    /// <summary>Set once and for ever when the machine could not go on; names the index.</summary>
    public string? Fault { get; internal set; }
}

/// <summary>
/// One applied entry. Own: this replica incarnation proposed it (a tick or a second copy of a proposal as
/// well).
/// </summary>
public sealed record AppliedEffects<TEffect>(LogIndex Index, bool Own, IReadOnlyList<TEffect> Effects)
{
    /// <summary>The log that the entry is of.</summary>
    public string LogId { get; init; } = "";
}

/// <summary>Entries from one to another, both included; the first is the refused one.</summary>
public readonly record struct WithdrawnEntries(LogIndex From, LogIndex To);

/// <summary>A request to one consensus node, or to all of them when <see cref="To"/> is none.</summary>
public sealed record ReplicaSend(NodeId To, object Message, string RequestId)
{
    public bool ToAll => To.IsNone;
}

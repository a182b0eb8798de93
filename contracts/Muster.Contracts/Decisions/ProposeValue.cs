namespace Muster.Contracts.Decisions;

/// <summary>
/// Proposes a value for a key, which is decided once and for ever: the first proposal in the log's order
/// decides, and everybody is answered with what it decided. Answer: <see cref="ValueProposed"/>, <see
/// cref="DecisionRefused"/> or <see cref="DecisionUnknown"/>. Send an unanswered one again, under the same
/// id: only then does the answer say whether it was this one that decided.
/// </summary>
public sealed record ProposeValue
{
    /// <summary>
    /// New for each proposal and the same in its repeats: 1 to 128 characters. Empty in a message of its own:
    /// that message's id counts; in a batch refused (CommandIdInvalid).
    /// </summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// 1 to 512 bytes of UTF-8 (an option), no control characters, compared ordinally.
    /// </summary>
    public string Key { get; init; } = "";

    /// <summary>At most 64 KiB of UTF-8 (an option).</summary>
    public string Value { get; init; } = "";

    /// <summary>Who proposes, for people; kept with the decision. At most 256 characters.</summary>
    public string Proposer { get; init; } = "";

    /// <summary>
    /// Where the answer goes. Null: where the message, or else its batch, asks for it; nowhere when neither
    /// does.
    /// </summary>
    public ReplyAddress? ReplyTo { get; init; }
}

/// <summary>The key is decided, now or before.</summary>
public sealed record ValueProposed
{
    /// <summary>The id of the proposal that this answers.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>What was decided for the key, by whomever.</summary>
    public Decision Decision { get; init; } = new();

    /// <summary>This command decided it; another one's value may be the same text.</summary>
    public bool IsOwn { get; init; }

    /// <summary>As of which epoch and index of the group this is, and how current.</summary>
    public Freshness Freshness { get; init; } = new();
}

/// <summary>What was decided for a key: never changed, never deleted.</summary>
public sealed record Decision
{
    /// <summary>As in <see cref="ProposeValue.Key"/>.</summary>
    public string Key { get; init; } = "";

    /// <summary>As it was proposed; may be empty.</summary>
    public string Value { get; init; } = "";

    /// <summary>Who proposed it, as it called itself.</summary>
    public string Proposer { get; init; } = "";

    /// <summary>The command that decided.</summary>
    public string CommandId { get; init; } = "";

    /// <summary>
    /// The group's epoch then. (Epoch, <see cref="Index"/>) orders decisions, over restorations too.
    /// </summary>
    public long Epoch { get; init; }

    /// <summary>The entry that decided, of the log of that time.</summary>
    public LogIndex Index { get; init; }

    /// <summary>Log time of that entry, in milliseconds: comparable within one epoch, no date.</summary>
    public long LogTime { get; init; }
}

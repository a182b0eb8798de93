namespace Muster.Contracts.Consensus;

/// <summary>
/// An operator's way out when a group's replicas cannot apply an entry and are halted before it: the entry
/// is passed over on all of them, as if it had never been proposed; what its commands asked is not done.
/// Every replica of the group hears it, and the halted ones put it into the group's log. The health page of a
/// halted replica names the values. There is no answer: the replicas go on, or their health says why not. It
/// does nothing when no replica is halted at this very entry, and comes too late when two replicas have gone
/// past it and agreed on the state.
/// </summary>
public sealed record RefuseEntry
{
    /// <inheritdoc cref="ProposeEntries.Group"/>
    public string Group { get; init; } = "";

    /// <summary>The entry before which the replicas are halted; another one is not meant.</summary>
    public LogIndex Index { get; init; }

    /// <summary>
    /// The entry's digest, 16 hexadecimal digits, so that no other one is refused by mistake.
    /// </summary>
    public string Entry { get; init; } = "";
}

using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>
/// A deterministic machine over a group's log: the same entries give the same state, effects and digest on
/// every replica. No clock, randomness, or order that depends on hashing; a throw in <see cref="Apply"/>
/// halts the replica until an operator refuses the entry.
/// </summary>
/// <typeparam name="TEffect">What leaves the machine: answers and events.</typeparam>
public interface IStateMachine<TEffect>
{
    /// <summary>
    /// The machine's own time in milliseconds: grows with the entries' log time, by 2 s at most between two.
    /// </summary>
    long Time { get; }

    /// <summary>The group is founded; until then every command is refused.</summary>
    bool IsInitialized { get; }

    /// <summary>When something falls due by itself, in machine time; null when nothing ever will.</summary>
    long? NextDeadline { get; }

    /// <summary>
    /// What this build can run at; which one it does is in each entry. All before it must be understood, and
    /// done as it was then; snapshots are written as the version in force has them, or replicas of two builds
    /// would differ.
    /// </summary>
    MachineVersions Versions => MachineVersions.First;

    /// <summary>Applies the next entry. A command without a body is a tick: it only moves time on.</summary>
    IReadOnlyList<TEffect> Apply(AppliedEntry entry);

    /// <summary>The whole state, starting with a version byte.</summary>
    byte[] TakeSnapshot();

    /// <summary>Replaces the whole state.</summary>
    /// <exception cref="FormatException">The bytes are not a snapshot of a version this build
    /// knows.</exception>
    void Restore(ReadOnlySpan<byte> snapshot);

    /// <summary>A hash of the whole state: equal on all replicas at the same index.</summary>
    ulong Digest();
}

/// <summary>One entry as a machine sees it.</summary>
public sealed record AppliedEntry
{
    public required LogIndex Index { get; init; }

    public required long LogTime { get; init; }

    /// <summary>The replica incarnation that proposed it; empty for a leader's own empty entry.</summary>
    public string Origin { get; init; } = "";

    /// <summary>
    /// The proposer's machine time when it took the commands: a proposal older than the id window is refused.
    /// </summary>
    public long IssuedAt { get; init; }

    /// <summary>The version of the machine that is in force; never less than in the entry before.</summary>
    public int Version { get; init; } = MachineVersions.First.Oldest;

    /// <summary>The commands; empty for a tick or a leader's empty entry.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}

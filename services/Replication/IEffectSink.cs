using Muster.Contracts;

namespace Muster.Replication;

/// <summary>
/// Takes what leaves a replica's machine. Called on the replica's loop, so it must neither block nor wait; an
/// exception stops the replica.
/// </summary>
public interface IEffectSink<in TCommand, in TEffect>
{
    /// <summary>
    /// An entry was applied. Own: this replica incarnation proposed it. A second copy of a proposal comes
    /// here as well, and effects of commands reported as unknown may: drop answers that nobody waits for.
    /// </summary>
    void Applied(LogIndex index, bool own, IReadOnlyList<TEffect> effects);

    /// <summary>
    /// These entries were applied, and their effects told, with the first of them in the machine, which an
    /// operator had refused then. The machine goes on without it; what the others did so is not told. Comes
    /// after their effects. What went out is out: this is for who keeps a record.
    /// </summary>
    void Withdrawn(LogIndex from, LogIndex to)
    {
    }

    /// <summary>
    /// The command's outcome is in doubt; it is not proposed again. Once for each command at most.
    /// </summary>
    void Unknown(TCommand command);

    /// <summary>
    /// Taken by TrySubmit while others filled the queue, and surely not proposed. Taken for unknown unless
    /// told apart.
    /// </summary>
    void Refused(TCommand command) => Unknown(command);

    /// <summary>
    /// No entry can hold the command, and it was surely not proposed. Like a refusal unless told apart.
    /// </summary>
    void TooLarge(TCommand command) => Refused(command);

    /// <summary>
    /// The command needs a version of the machine that not all replicas have yet, and was surely not
    /// proposed. Like a refusal unless told apart.
    /// </summary>
    void NotYet(TCommand command) => Refused(command);

    /// <summary>
    /// Queries are asked of another machine from now on, which knows less than the one before: a new log's,
    /// or this log's gone through again. Comes before the first query of it. Not called for the first one.
    /// </summary>
    void MachineReplaced()
    {
    }

    /// <summary>
    /// The effects of this log's entries follow. For the first log, and whenever another took its place: then
    /// the machine is a new, empty one, indexes begin at 1 again, and what was told of earlier entries is of
    /// a log that is no more. Comes after that one's last effects; commands that were open follow as unknown.
    /// </summary>
    void LogFollowed(string logId)
    {
    }
}

using Muster.Contracts;

namespace Muster.Replication.Core;

/// <summary>
/// A machine whose state can be backed up, and replaced by one entry (<see cref="StateRestoration"/>).
/// </summary>
public interface IRestorableMachine
{
    /// <summary><c>lock</c>, <c>registry</c>, <c>recovery</c>, <c>detector</c>, <c>decisions</c>: never
    /// another one's state is put in its place.</summary>
    string Kind { get; }

    string Group { get; }

    long StreamEpoch { get; }

    LogIndex LastIndex { get; }
}

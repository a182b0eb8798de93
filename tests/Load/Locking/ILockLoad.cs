using Muster.Load.Measuring;

namespace Muster.Load.Locking;

/// <summary>Lock cycles, of this process's workers or of others'.</summary>
internal interface ILockLoad : ILoad, IAsyncDisposable
{
    /// <summary>Every grant since the load began, complete once it has ended.</summary>
    GrantBook Grants { get; }

    /// <summary>The processes that do the work beside this one.</summary>
    IEnumerable<int> ProcessIds { get; }
}

/// <summary>
/// How many ask for how many locks through how many sessions, spread over how many processes; 0: this one.
/// </summary>
internal sealed record LockShape(string Name, int Workers, int Names, int Sessions, int Processes = 0);

using Muster.Contracts;

namespace Muster.Simulator;

/// <summary>A replica of any service, as checks and the run see it.</summary>
internal interface IReplica
{
    string Group { get; }

    /// <summary>Its name and its life.</summary>
    string Origin { get; }

    bool IsCaughtUp { get; }

    bool IsServing { get; }

    LogIndex Applied { get; }

    ulong Digest { get; }
}

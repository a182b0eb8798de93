namespace Muster.Host.Demo.Stages;

/// <summary>The faults the demo causes, whatever its workers are: tasks or processes.</summary>
public interface IDemoStage
{
    /// <summary>The demo's own consensus nodes are processes that it may kill.</summary>
    bool HasNodes { get; }

    /// <summary>Ends a worker at once, its lock not released.</summary>
    void Kill(string worker);

    /// <summary>Freezes a worker.</summary>
    void Pause(string worker);

    void Resume(string worker);

    /// <summary>Kill -9 of the process of a consensus node.</summary>
    void KillConsensusNode(string node);
}

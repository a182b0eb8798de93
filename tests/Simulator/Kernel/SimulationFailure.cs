namespace Muster.Simulator;

/// <summary>A property does not hold: the run ends here.</summary>
internal sealed class SimulationFailure(string property, string what) : Exception($"{property}: {what}")
{
    public string Property { get; } = property;

    public string What { get; } = what;
}

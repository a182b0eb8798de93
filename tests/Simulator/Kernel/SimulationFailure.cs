namespace Muster.Simulator;

/// <summary>A property does not hold: the run ends here.</summary>
internal sealed class SimulationFailure(string property, string what) : Exception($"{property}: {what}")
{
    /// <summary>In the place of a property: a mutant threw, and no check has found anything.</summary>
    public const string OfMutant = "mutant";

    public string Property { get; } = property;

    public string What { get; } = what;
}

namespace Muster.Scenarios.Tests;

/// <summary>What a scenario expects does not hold, or it cannot be read.</summary>
internal sealed class ScenarioFailure(string what) : Exception(what);

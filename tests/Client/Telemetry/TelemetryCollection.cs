namespace Muster.Client.Tests.Telemetry;

/// <summary>
/// Listeners hear the whole process: these tests run alone, so that they hear themselves and nobody is heard
/// by them.
/// </summary>
[CollectionDefinition(nameof(TelemetryCollection), DisableParallelization = true)]
public sealed class TelemetryCollection;

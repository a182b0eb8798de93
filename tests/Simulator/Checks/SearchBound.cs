using Muster.Testing;

namespace Muster.Simulator;

/// <summary>
/// How long the search for an order may go on: for a number of steps, on one core, so that no machine's speed
/// and no thread has a say in what becomes of a seed.
/// </summary>
internal static class SearchBound
{
    /// <summary>For one history: some twenty million steps.</summary>
    public static CheckOptions New() =>
        new() { Timeout = TimeSpan.FromSeconds(20), Parallelism = 1, Time = new Looks() };

    /// <summary>Each look takes as long as what is searched between two of them takes mostly.</summary>
    private sealed class Looks : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 250;

        public override long GetTimestamp() => ++_looks;
    }
}

namespace Muster.Consensus.Tests.Cluster;

/// <summary>The longest that a test waits for something that must come.</summary>
internal static class TestLimit
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static CancellationToken Token() => new CancellationTokenSource(Longest).Token;
}

namespace Muster.Consensus.Tests.Cluster;

/// <summary>The longest that a test waits for something that must come.</summary>
internal static class TestLimit
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Looks until it holds: for what has no word of its own to wait for.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        var limit = Token();
        while (!holds())
        {
            limit.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public static CancellationToken Token() => new CancellationTokenSource(Longest).Token;
}

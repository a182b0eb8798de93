namespace Muster.Cluster;

/// <summary>Waits for a condition of another process, which can only be asked for.</summary>
public static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan timeout, Func<string> otherwise)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                throw new TimeoutException($"Not within {timeout}: {otherwise()}");
            }
            await Task.Delay(Pause, TimeProvider.System, Xunit.TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> condition, TimeSpan timeout, Func<string> otherwise) =>
        TrueAsync(() => Task.FromResult(condition()), timeout, otherwise);
}

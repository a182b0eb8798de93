using Microsoft.Extensions.Logging;

namespace Muster.Client;

/// <summary>Tokens that tell a user of a loss.</summary>
internal static class Signals
{
    /// <summary>
    /// The token is cancelled when this returns; only its callbacks run later, on the thread pool.
    /// </summary>
    public static void CancelInBackground(this CancellationTokenSource source, ILogger logger) =>
        _ = CancelAsync(source, logger);

    private static async Task CancelAsync(CancellationTokenSource source, ILogger logger)
    {
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            logger.LostCallbackFailed(exception);
        }
    }
}

using Microsoft.Extensions.Logging;

namespace Muster.Client;

/// <summary>Tokens that tell a user of a loss.</summary>
internal static class Signals
{
    /// <summary>
    /// The token is cancelled when this returns; only its callbacks run later, on the thread pool.
    /// </summary>
    public static void CancelInBackground(this CancellationTokenSource source, ILogger logger) =>
        _ = source.CancelAsync(logger);

    /// <summary>As <see cref="CancelInBackground"/>; done once the callbacks are.</summary>
    public static async Task CancelAsync(this CancellationTokenSource source, ILogger logger)
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

using Muster.Client;

namespace Muster.Host.Demo.Team;

/// <summary>
/// The demo's way with "unknown": what may safely be done twice is done again, until the demo ends.
/// </summary>
public static class Patience
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<T> UntilKnownAsync<T>(
        Func<Task<T>> act, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await act();
            }
            catch (MusterUnknownException)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}

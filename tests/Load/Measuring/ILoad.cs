namespace Muster.Load.Measuring;

/// <summary>Work that goes on until it is told to stop, and counts itself.</summary>
internal interface ILoad
{
    IReadOnlyList<Tally> Tallies { get; }

    /// <summary>
    /// Works until <paramref name="stop"/>, then ends what it began and returns. Fails only when there is
    /// nothing to be measured.
    /// </summary>
    Task RunAsync(CancellationToken stop);
}

/// <summary>Workers that each begin the next operation when the one before has ended.</summary>
internal sealed class ClosedLoop(
    int workers, IReadOnlyList<Tally> tallies, Func<int, Task> operation) : ILoad
{
    public IReadOnlyList<Tally> Tallies => tallies;

    /// <summary>Workers whose operation is timed as a whole and cannot be refused.</summary>
    public static ClosedLoop Timed(int workers, Func<int, Task> operation)
    {
        var tally = new Tally("");
        return new ClosedLoop(workers, [tally], async worker =>
        {
            var since = Clock.Now;
            await operation(worker);
            tally.Done(since);
        });
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(
            () => WorkAsync(worker, either), CancellationToken.None)));
    }

    private async Task WorkAsync(int worker, CancellationTokenSource stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await operation(worker);
            }
        }
        catch
        {
            // The others must not go on and on beside one that has failed.
            await stop.CancelAsync();
            throw;
        }
    }
}

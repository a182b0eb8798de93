using Muster.Load.Reporting;

namespace Muster.Load.Measuring;

/// <summary>
/// Runs a load through its warm-up and its window, shows how it goes, and reads it and the processors.
/// </summary>
internal sealed class Meter(CpuMeter cpu, IProgressLine progress)
{
    private static readonly TimeSpan ShortestWarmUp = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    /// <summary>A quarter of the window, half a second to five.</summary>
    public static TimeSpan WarmUpOf(TimeSpan window) =>
        TimeSpan.FromTicks(Math.Clamp((window / 4).Ticks, ShortestWarmUp.Ticks, LongestWarmUp.Ticks));

    /// <summary>The numbers of each of the load's tallies, in their order.</summary>
    public async Task<IReadOnlyList<Measured>> MeasureAsync(
        string name, ILoad load, TimeSpan window, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(stop.Token);
        try
        {
            await WatchAsync(running, WarmUpOf(window), _ => $"{name}: warming up", cancellationToken);
            return await MeasureWindowAsync(name, load, running, window, stop, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            // Its failure, if that is why we are here, is on its way already.
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Runs a load without reading it, so that neither side is measured cold.</summary>
    public async Task WarmUpAsync(
        string name, ILoad load, TimeSpan time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(stop.Token);
        try
        {
            await WatchAsync(running, time, _ => $"{name}: warming up", cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<Measured>> MeasureWindowAsync(
        string name, ILoad load, Task running, TimeSpan window, CancellationTokenSource stop,
        CancellationToken cancellationToken)
    {
        var before = cpu.Read();
        var opened = Clock.Now;
        foreach (var tally in load.Tallies)
        {
            tally.Open(opened);
        }
        await WatchAsync(running, window, passed => Describe(name, load, passed, window), cancellationToken);
        var closed = Clock.Now;
        foreach (var tally in load.Tallies)
        {
            tally.Close(closed);
        }
        var took = Clock.Since(opened);
        var cores = before.Until(cpu.Read(), took);
        // Before it is read: what was meant to start in the window may still be on its way.
        await stop.CancelAsync();
        await running;
        return [.. load.Tallies.Select(tally => tally.Read(took, cores))];
    }

    private static string Describe(string name, ILoad load, TimeSpan passed, TimeSpan window)
    {
        var done = load.Tallies[^1].Count;
        return FormattableString.Invariant(
            $"{name}: {passed.TotalSeconds:F0} of {window.TotalSeconds:F0} s, {done:N0} done, ")
            + FormattableString.Invariant($"{done / Math.Max(0.001, passed.TotalSeconds):N0} /s");
    }

    private async Task WatchAsync(
        Task running, TimeSpan time, Func<TimeSpan, string> describe, CancellationToken cancellationToken)
    {
        var started = Clock.Now;
        while (Clock.Since(started) is var passed && passed < time)
        {
            progress.Show(describe(passed));
            var left = time - passed;
            var pause = Clock.Wait(left < Step ? left : Step, cancellationToken);
            if (await Task.WhenAny(running, pause) == running)
            {
                await running;
                throw new LoadException($"{describe(passed)}: the load ended by itself.");
            }
            await pause;
        }
    }
}

using System.Globalization;

namespace Muster.Simulator;

/// <summary>One seed after the other, until one fails or the limit is reached.</summary>
internal sealed class SeedLoop(TextWriter output, TimeProvider time)
{
    /// <summary>So many seeds are run twice, to see that nothing but the seed decides.</summary>
    private const int RunTwice = 3;

    public ulong First { get; init; }

    public int Count { get; init; }

    /// <summary>Zero: the count counts.</summary>
    public TimeSpan Limit { get; init; }

    public long FaultySeconds { get; init; }

    public bool IsTraced { get; init; }

    public string Mutation { get; init; } = "none";

    /// <summary>True when every seed passed.</summary>
    public bool Run()
    {
        var started = time.GetTimestamp();
        var (done, simulated) = (0, 0L);
        var all = new HappeningCounts();
        for (var seed = First; IsToGoOn(done, time.GetElapsedTime(started)); seed++)
        {
            var result = RunOne(seed, IsTraced ? output.WriteLine : null);
            done++;
            simulated += result.SimulatedMicroseconds;
            all.Add(result.Counts);
            if (result.Failure is not null)
            {
                output.WriteLine(result.Report);
                return false;
            }
            output.WriteLine(result.Line);
            if (done <= RunTwice && !IsTraced && RunOne(seed, null).Hash is var again && again != result.Hash)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"seed {seed} is not deterministic: {result.Hash:x16} and {again:x16}"));
                return false;
            }
        }
        output.WriteLine($"in all: {all}");
        var took = time.GetElapsedTime(started).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{done} seeds passed in {took:F1} s: {done / took:F2} seeds/s, "
            + $"{simulated / 1e6 / took:F0} simulated seconds per second"));
        return true;
    }

    private bool IsToGoOn(int done, TimeSpan elapsed) =>
        Limit > TimeSpan.Zero ? elapsed < Limit : done < Count;

    private RunResult RunOne(ulong seed, Action<string>? print)
    {
        try
        {
            return SimulationRun.Run(
                seed, FaultySeconds, MutationList.All.GetValueOrDefault(Mutation)?.Invoke(), print);
        }
        catch
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed} broke off"));
            throw;
        }
    }
}

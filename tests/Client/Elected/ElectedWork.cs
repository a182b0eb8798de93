using System.Collections.Concurrent;
using Muster.Contracts;

namespace Muster.Client.Tests.Elected;

/// <summary>
/// Work that a test ends: by hand, or by itself when it is told to stop. It notices a second one beside it.
/// </summary>
internal sealed class ElectedWork
{
    private readonly ConcurrentQueue<Run> _runs = new();
    private int _running;

    /// <summary>Does not end when it is told to stop.</summary>
    public bool IsStubborn { get; set; }

    public IReadOnlyList<Run> Runs => [.. _runs];

    public bool WasTwiceAtATime { get; private set; }

    public async Task ExecuteAsync(LeaderContext leader, CancellationToken stopping)
    {
        WasTwiceAtATime |= Interlocked.Increment(ref _running) > 1;
        var run = new Run(leader, leader.FencingToken, stopping);
        _runs.Enqueue(run);
        try
        {
            await (IsStubborn ? run.End.Task : run.End.Task.WaitAsync(stopping));
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            run.HasEnded = true;
        }
    }

    /// <summary>The run of that number, from 1, once it has begun.</summary>
    public async Task<Run> RunAsync(int number)
    {
        await Waiting.UntilAsync(() => _runs.Count >= number);
        return Runs[number - 1];
    }

    internal sealed class Run(LeaderContext leader, FencingToken token, CancellationToken stopping)
    {
        public LeaderContext Leader { get; } = leader;

        public FencingToken Token { get; } = token;

        public CancellationToken Stopping { get; } = stopping;

        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool HasEnded { get; set; }
    }
}

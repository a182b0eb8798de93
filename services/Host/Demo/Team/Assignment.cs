using Muster.Client;

namespace Muster.Host.Demo.Team;

/// <summary>What the team's configuration tells one worker, as of now. Thread-safe.</summary>
public sealed class Assignment(string worker, TeamNames team)
{
    private readonly System.Threading.Lock _gate = new();
    private TaskCompletionSource _changed = New();
    private IReadOnlyList<string> _items = [];

    public static readonly TimeSpan FirstRate = TimeSpan.FromMilliseconds(60);

    /// <summary>How long an item takes.</summary>
    public TimeSpan Rate { get; private set; } = FirstRate;

    public bool HasLeader { get; private set; }

    public IReadOnlyList<string> Items
    {
        get
        {
            lock (_gate)
            {
                return _items;
            }
        }
    }

    /// <summary>Takes a change in; true when the rate is another one.</summary>
    public bool Take(ConfigChange change)
    {
        lock (_gate)
        {
            var before = Rate;
            if (change.Key == team.WorkKey(worker))
            {
                _items = change.Value?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
            }
            else if (change.Key == team.RateKey && int.TryParse(change.Value, out var milliseconds))
            {
                Rate = TimeSpan.FromMilliseconds(milliseconds);
            }
            HasLeader |= change.Key == team.LeaderKey;
            _changed.TrySetResult();
            _changed = New();
            return Rate != before;
        }
    }

    /// <summary>Returns at the next change, or after a while.</summary>
    public async Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        Task changed;
        lock (_gate)
        {
            changed = _changed.Task;
        }
        await Task.WhenAny(changed, Task.Delay(longest, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

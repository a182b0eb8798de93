namespace Muster.Simulator;

/// <summary>
/// A process: it starts, dies, is stopped and goes on. While it is stopped all that reaches it waits, as in a
/// socket's buffer; when it dies, what it had planned never happens.
/// </summary>
internal abstract class SimulatedProcess(string name, Scheduler scheduler, ProcessClock clock)
{
    private const int MaxBacklog = 5_000;

    private readonly List<Action> _backlog = [];
    private long _wakeAt = long.MaxValue;

    public string Name { get; } = name;

    public ProcessClock Clock { get; } = clock;

    public Scheduler Scheduler { get; } = scheduler;

    /// <summary>Counts the starts; what an earlier life planned is void.</summary>
    public int Life { get; private set; }

    public bool IsUp { get; private set; }

    public bool IsPaused { get; private set; }

    public abstract SimulatedLink? Link { get; }

    public void Start()
    {
        Life++;
        IsUp = true;
        IsPaused = false;
        _backlog.Clear();
        _wakeAt = long.MaxValue;
        OnStart();
    }

    public void Crash()
    {
        IsUp = false;
        IsPaused = false;
        _backlog.Clear();
        OnCrash();
        Link?.OwnerDied();
    }

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        if (!IsPaused)
        {
            return;
        }
        IsPaused = false;
        var life = Life;
        for (var next = 0; next < _backlog.Count && Life == life && IsUp; next++)
        {
            _backlog[next]();
        }
        _backlog.Clear();
        if (IsUp)
        {
            Arm(Scheduler.Now);
        }
    }

    /// <summary>Something from outside comes in: now, or when the process runs again.</summary>
    public void Deliver(Action action)
    {
        if (!IsUp)
        {
            return;
        }
        if (!IsPaused)
        {
            action();
        }
        else if (_backlog.Count < MaxBacklog)
        {
            _backlog.Add(action);
        }
    }

    /// <summary>Something of this life happens later.</summary>
    public void Later(long delay, Action action)
    {
        var life = Life;
        Scheduler.After(delay, () =>
        {
            if (Life == life)
            {
                Deliver(action);
            }
        });
    }

    /// <summary>
    /// A turn at this time at the latest; an earlier one that is planned already does as well.
    /// </summary>
    protected void Arm(long time)
    {
        if (time >= _wakeAt)
        {
            return;
        }
        _wakeAt = time;
        var life = Life;
        Scheduler.At(time, () =>
        {
            if (Life == life && time == _wakeAt)
            {
                _wakeAt = long.MaxValue;
                Deliver(Turn);
            }
        });
    }

    protected abstract void OnStart();

    protected abstract void OnCrash();

    /// <summary>Looks at what has come in and at the clock.</summary>
    protected abstract void Turn();
}

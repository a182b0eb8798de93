namespace Muster.Client;

/// <summary>How long to stay away from an election between two campaigns.</summary>
internal sealed class RestartPauses(LeaderElectedOptions options)
{
    private TimeSpan _next = options.RestartDelay;

    public TimeSpan AfterDone()
    {
        _next = options.RestartDelay;
        return options.RestartDelay;
    }

    /// <param name="ran">How long the service ran before it was told to stop.</param>
    public void AfterTold(TimeSpan ran)
    {
        if (ran > options.MaxRestartDelay)
        {
            _next = options.RestartDelay;
        }
    }

    /// <param name="ran">How long the service ran before it failed; zero: it did not begin.</param>
    public TimeSpan AfterFailure(TimeSpan ran)
    {
        AfterTold(ran);
        var pause = _next;
        _next = pause < options.MaxRestartDelay / 2 ? pause * 2 : options.MaxRestartDelay;
        return pause;
    }
}

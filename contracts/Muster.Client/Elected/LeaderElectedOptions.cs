namespace Muster.Client;

/// <summary>What follows when a leader-elected service has ended by itself.</summary>
public enum LeaderElectedEnd
{
    /// <summary>It stands for the election again, behind all that wait, after a pause.</summary>
    CampaignAgain,

    /// <summary>
    /// This process gives up until its next start. After an exception the exception goes on: the host then
    /// does what <c>HostOptions.BackgroundServiceExceptionBehavior</c> says, which is to stop.
    /// </summary>
    GiveUp,
}

/// <summary>How a leader-elected service stands, stops and begins again.</summary>
public sealed class LeaderElectedOptions
{
    private const int MaxElectionBytes = 200;
    private static readonly TimeSpan MinStop = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxStop = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPause = TimeSpan.FromDays(1);

    /// <summary>
    /// What everybody can read of the leader: an address, a name. At most 1,024 characters. Default: machine
    /// and process id.
    /// </summary>
    public string Value { get; set; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>
    /// How long a stopping host waits for the service to end before it resigns; 100 ms to 1 h, default 10 s.
    /// Low: a service that ends late is taken over while it still writes, and only the fencing token keeps
    /// the two apart. High: the next leader waits for it. Keep it below <c>HostOptions.ShutdownTimeout</c>,
    /// 30 s, after which the host waits for nobody.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What follows when the service returns. Default: it stands again.</summary>
    public LeaderElectedEnd WhenDone { get; set; } = LeaderElectedEnd.CampaignAgain;

    /// <summary>What follows when the service throws, after it is logged. Default: it stands again.</summary>
    public LeaderElectedEnd WhenFailed { get; set; } = LeaderElectedEnd.CampaignAgain;

    /// <summary>
    /// From the resignation to the next campaign, in which others lead; 10 ms to 1 day, default 1 s. After
    /// each failure in a row twice as long, up to <see cref="MaxRestartDelay"/>.
    /// </summary>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest such pause; from <see cref="RestartDelay"/> to 1 day, default 1 min. A service that ran
    /// for longer than this before it failed begins again with the shortest.
    /// </summary>
    public TimeSpan MaxRestartDelay { get; set; } = TimeSpan.FromMinutes(1);

    internal IEnumerable<string> Problems()
    {
        if (Value is not { Length: <= Sizes.MaxElectionValueCharacters })
        {
            yield return $"Value must have at most {Sizes.MaxElectionValueCharacters} characters; "
                + $"it has {Value?.Length ?? 0}.";
        }
        if (Value is not null && !GivenText.IsWhole(Value))
        {
            yield return "Value must be text; it has half of a surrogate pair.";
        }
        if (StopTimeout < MinStop || StopTimeout > MaxStop)
        {
            yield return $"StopTimeout must be from {MinStop} to {MaxStop}; it is {StopTimeout}.";
        }
        if (RestartDelay < MinPause || RestartDelay > MaxPause)
        {
            yield return $"RestartDelay must be from {MinPause} to {MaxPause}; it is {RestartDelay}.";
        }
        if (MaxRestartDelay < RestartDelay || MaxRestartDelay > MaxPause)
        {
            yield return $"MaxRestartDelay must be from RestartDelay ({RestartDelay}) to {MaxPause}; "
                + $"it is {MaxRestartDelay}.";
        }
        foreach (var end in (LeaderElectedEnd[])[WhenDone, WhenFailed])
        {
            if (!Enum.IsDefined(end))
            {
                yield return $"WhenDone and WhenFailed must be CampaignAgain or GiveUp; one is {end}.";
            }
        }
    }

    /// <exception cref="ArgumentException">Not a name that the lock service takes.</exception>
    internal static void CheckElection(string election)
    {
        ArgumentException.ThrowIfNullOrEmpty(election);
        GivenText.Check(election);
        Sizes.ThrowIfAbove(
            "election's name", System.Text.Encoding.UTF8.GetByteCount(election), MaxElectionBytes,
            "bytes of UTF-8", nameof(election));
        if (election.Any(char.IsControl))
        {
            throw new ArgumentException("The election's name has control characters.", nameof(election));
        }
    }

    internal LeaderElectedOptions Copy() => (LeaderElectedOptions)MemberwiseClone();
}

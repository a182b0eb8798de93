using Muster.Contracts.Lock;

namespace Muster.Host.Demo.Team;

/// <summary>
/// What one run of the demo calls its things, so that two runs on one cluster do not meet.
/// </summary>
public sealed record TeamNames(string Run)
{
    /// <summary>Of a new run; a cluster may have its name too.</summary>
    public static TeamNames Draw() => new($"demo-{Guid.NewGuid().ToString("N")[..6]}");

    /// <summary>The service that the workers register as.</summary>
    public string Service => $"{Run}-workers";

    /// <summary>The election of the one who hands out the work.</summary>
    public string Election => $"{Run}-leader";

    /// <summary>The lock behind that election: what a recovery breaks.</summary>
    public string ElectionLock => LockGroups.LockOfElection(Election);

    /// <summary>The leader and its hot standbys; their state is the plan.</summary>
    public string Standbys => $"{Run}-leader";

    /// <summary>The prefix of the run's configuration.</summary>
    public string Config => $"{Run}/";

    /// <summary>Milliseconds that an item takes.</summary>
    public string RateKey => $"{Run}/rate";

    /// <summary>Present once the first leader has taken its place before its standbys.</summary>
    public string LeaderKey => $"{Run}/leader";

    public string Lock(string item) => $"{Run}/items/{item}";

    /// <summary>What a worker is to do.</summary>
    public string WorkKey(string worker) => $"{Run}/tasks/{worker}";

    /// <summary>What the detectors know a worker as.</summary>
    public string Node(string worker) => $"{Run}.{worker}";
}

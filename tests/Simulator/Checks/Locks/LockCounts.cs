using Muster.Contracts.Lock;

namespace Muster.Simulator;

/// <summary>How much happened to the locks.</summary>
internal sealed class LockCounts
{
    /// <summary>Of every kind; upgrades are among them.</summary>
    public int Grants { get; private set; }

    public int Shared { get; private set; }

    public int Upgrades { get; private set; }

    public int Permits { get; private set; }

    /// <summary>Of several names at once.</summary>
    public int Several { get; private set; }

    public int Cancels { get; set; }

    public int Breaks { get; set; }

    public void OnGranted(LockGranted granted)
    {
        Grants++;
        Shared += granted.Mode == LockMode.Shared ? 1 : 0;
        Upgrades += granted.AcquireId is null ? 0 : 1;
        Permits += granted.Mode == LockMode.Permits ? 1 : 0;
        Several += granted.Names is null ? 0 : 1;
    }
}

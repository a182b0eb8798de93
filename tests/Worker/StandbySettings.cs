using System.Globalization;

namespace Muster.Worker;

/// <summary>
/// What a member of a standby group is told on its command line after <c>standby</c>, in this order. <see
/// cref="Pause"/> is between two updates of the state while it leads; zero: as fast as it can.
/// </summary>
public sealed record StandbySettings(
    string Name, Uri Bus, string Cluster, string Group, string Lock, TimeSpan Pause)
{
    public string[] ToArguments() =>
        ["standby", Name, Bus.ToString(), Cluster, Group, Lock, Pause.ToString()];

    public static StandbySettings Parse(string[] arguments) => arguments is
        [var name, var bus, var cluster, var group, var held, var pause]
        ? new(
            name, new Uri(bus), cluster, group, held,
            TimeSpan.Parse(pause, CultureInfo.InvariantCulture))
        : throw new ArgumentException("usage: Muster.Worker standby NAME BUS CLUSTER GROUP LOCK PAUSE");
}

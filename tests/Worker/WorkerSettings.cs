using System.Globalization;

namespace Muster.Worker;

/// <summary>
/// What a process that holds a lock is told on its command line after <c>lock</c>, in this order.
/// </summary>
public sealed record WorkerSettings(
    string Name, Uri Bus, string Cluster, string Ledger, string Lock, TimeSpan Ttl, TimeSpan Hold, int Rounds)
{
    public string[] ToArguments() =>
    [
        "lock", Name, Bus.ToString(), Cluster, Ledger, Lock, Ttl.ToString(), Hold.ToString(),
        Rounds.ToString(CultureInfo.InvariantCulture),
    ];

    public static WorkerSettings Parse(string[] arguments) => arguments is
        [var name, var bus, var cluster, var ledger, var wanted, var ttl, var hold, var rounds]
        ? new(
            name, new Uri(bus), cluster, ledger, wanted,
            TimeSpan.Parse(ttl, CultureInfo.InvariantCulture),
            TimeSpan.Parse(hold, CultureInfo.InvariantCulture),
            int.Parse(rounds, CultureInfo.InvariantCulture))
        : throw new ArgumentException(
            "usage: Muster.Worker lock NAME BUS CLUSTER LEDGER LOCK TTL HOLD ROUNDS");
}

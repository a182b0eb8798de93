using System.Globalization;

namespace Muster.Worker;

/// <summary>
/// What a process whose calls are recorded is told on its command line after <c>history</c>, in this order.
/// </summary>
/// <param name="Name">The process, for the detectors and the ledger.</param>
/// <param name="Bus">The broker, or a wire to it.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Ledger">The guarded SQLite file.</param>
/// <param name="File">Where the records go, one a line.</param>
/// <param name="Prefix">Where the names of locks and keys begin.</param>
/// <param name="FirstProcess">The number of its first worker in the history; nobody else's.</param>
/// <param name="Seed">Of what the workers choose.</param>
/// <param name="Ttl">Of its session.</param>
public sealed record HistorySettings(
    string Name, Uri Bus, string Cluster, string Ledger, string File, string Prefix, int FirstProcess,
    int Seed, TimeSpan Ttl)
{
    /// <summary>Workers of one process, which each do one thing at a time.</summary>
    public const int Workers = 4;

    /// <summary>What the process prints once it is connected.</summary>
    public const string Connected = "connected";

    public string[] ToArguments() =>
    [
        "history", Name, Bus.ToString(), Cluster, Ledger, File, Prefix,
        FirstProcess.ToString(CultureInfo.InvariantCulture), Seed.ToString(CultureInfo.InvariantCulture),
        Ttl.ToString(),
    ];

    public static HistorySettings Parse(string[] arguments) => arguments is
        [var name, var bus, var cluster, var ledger, var file, var prefix, var first, var seed, var ttl]
        ? new(
            name, new Uri(bus), cluster, ledger, file, prefix,
            int.Parse(first, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture),
            TimeSpan.Parse(ttl, CultureInfo.InvariantCulture))
        : throw new ArgumentException(
            "usage: Muster.Worker history NAME BUS CLUSTER LEDGER FILE PREFIX FIRST SEED TTL");
}

using System.Globalization;

namespace Muster.Client;

/// <summary>
/// A client's name for the detectors, while the client lives: two of one process are two nodes, each with an
/// incarnation of its own, unless the options name them alike.
/// </summary>
internal sealed class NodeName : IDisposable
{
    private static readonly Lock Gate = new();
    private static readonly List<NodeName> Taken = [];

    // In containers processes have the same id, 1, and those that share their host's network its name too.
    private static readonly string Process = Guid.NewGuid().ToString("N")[..8];

    private readonly string _cluster;

    private NodeName(string cluster, string name) => (_cluster, Value) = (cluster, name);

    public string Value { get; }

    /// <summary>Another client of this process goes by it in the same cluster.</summary>
    public bool IsShared { get; private init; }

    /// <param name="cluster">Names are by cluster.</param>
    /// <param name="wanted">Empty: one that no client of this process has, and none of another.</param>
    /// <param name="machine">What people are to find the process by.</param>
    public static NodeName Take(string cluster, string wanted, string machine)
    {
        lock (Gate)
        {
            var value = wanted.Length > 0 ? wanted : Names(machine).First(name => !IsTaken(cluster, name));
            var taken = new NodeName(cluster, value) { IsShared = IsTaken(cluster, value) };
            Taken.Add(taken);
            return taken;
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            Taken.Remove(this);
        }
    }

    /// <summary>What a node's name is made of.</summary>
    public static bool IsAllowed(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_';

    private static bool IsTaken(string cluster, string name) =>
        Taken.Exists(taken => taken._cluster == cluster && taken.Value == name);

    private static IEnumerable<string> Names(string machine)
    {
        var host = string.Concat(machine.Where(IsAllowed).Take(64));
        var first = string.Create(CultureInfo.InvariantCulture, $"{host}.{Environment.ProcessId}.{Process}");
        return Enumerable.Range(2, int.MaxValue - 2)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{first}.{number}"))
            .Prepend(first);
    }
}

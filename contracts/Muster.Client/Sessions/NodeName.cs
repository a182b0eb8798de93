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

    private readonly string _cluster;

    private NodeName(string cluster, string name) => (_cluster, Value) = (cluster, name);

    public string Value { get; }

    /// <summary>Another client of this process goes by it in the same cluster.</summary>
    public bool IsShared { get; private init; }

    /// <param name="cluster">Names are by cluster.</param>
    /// <param name="wanted">Empty: one that no client of this process has.</param>
    public static NodeName Take(string cluster, string wanted)
    {
        lock (Gate)
        {
            var value = wanted.Length > 0 ? wanted : Names().First(name => !IsTaken(cluster, name));
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

    private static bool IsTaken(string cluster, string name) =>
        Taken.Exists(taken => taken._cluster == cluster && taken.Value == name);

    private static IEnumerable<string> Names()
    {
        var machine = string.Concat(Environment.MachineName.Where(char.IsAsciiLetterOrDigit).Take(100));
        var first = string.Create(CultureInfo.InvariantCulture, $"{machine}.{Environment.ProcessId}");
        return Enumerable.Range(2, int.MaxValue - 2)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{first}.{number}"))
            .Prepend(first);
    }
}

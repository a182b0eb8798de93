namespace Muster.Hosting;

/// <summary>
/// Section <c>Node</c> (environment <c>Node__Heartbeat</c>): whether a process shows the detectors that it
/// lives.
/// </summary>
public sealed class NodeOptions
{
    public const string Section = "Node";

    /// <summary>
    /// The interval of its heartbeats; 0: none, and nobody judges it. Shorter is noticed sooner and costs a
    /// message each. 0, or 100 ms to 1 min; default 1 s.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    public static IEnumerable<string> Problems(NodeOptions options)
    {
        if (options.Heartbeat != TimeSpan.Zero
            && (options.Heartbeat < TimeSpan.FromMilliseconds(100)
                || options.Heartbeat > TimeSpan.FromMinutes(1)))
        {
            yield return $"{Section}:Heartbeat is {options.Heartbeat}: 0, or 100 ms to 1 min.";
        }
    }
}

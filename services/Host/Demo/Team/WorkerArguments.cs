namespace Muster.Host.Demo.Team;

/// <summary>A worker's part in the demo; on the bus, the command line of its process.</summary>
public sealed record WorkerArguments
{
    public required string Name { get; init; }

    /// <summary>The run that it belongs to; see <see cref="TeamNames"/>.</summary>
    public required string Run { get; init; }

    public required int TeamSize { get; init; }

    public required string Folder { get; init; }

    public required string Ledger { get; init; }

    /// <summary>Null in the embedded demo, whose workers are no processes.</summary>
    public Uri? Bus { get; init; }

    public string Cluster { get; init; } = "";

    /// <summary>A StackExchange.Redis connection string; null: resolve without Redis.</summary>
    public string? Redis { get; init; }

    public IEnumerable<string> ToCommandLine()
    {
        string[] line =
        [
            "worker", "--name", Name, "--run", Run, "--team-size", $"{TeamSize}", "--folder", Folder,
            "--ledger", Ledger, "--bus", Bus!.ToString(), "--cluster", Cluster,
        ];
        return Redis is null ? line : [.. line, "--redis", Redis];
    }
}

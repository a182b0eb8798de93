namespace Muster.Load;

/// <summary>What all commands are told.</summary>
internal sealed record LoadSettings
{
    /// <summary>Null: as the tests find or start one.</summary>
    public Uri? Bus { get; init; }

    /// <summary>A cluster that runs already; null starts one for the run.</summary>
    public string? Cluster { get; init; }

    /// <summary>StackExchange.Redis' configuration string; null: as the tests find or start one.</summary>
    public string? Redis { get; init; }

    /// <summary>Of one row's window.</summary>
    public required TimeSpan Window { get; init; }

    public FileInfo? Json { get; init; }
}

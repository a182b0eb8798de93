namespace Muster.Lock.History;

/// <summary>Where a group's history is kept, and how much of it.</summary>
/// <param name="Path">Of the file; empty: one that ends with the process.</param>
/// <param name="MostEntries">The oldest go first.</param>
/// <param name="Age">What is older goes.</param>
public sealed record LockHistorySettings(string Path, long MostEntries, TimeSpan Age)
{
    /// <summary>Facts that may wait to be written; null: as many as usual.</summary>
    public int? Capacity { get; init; }

    /// <summary>The file's limit in pages of 4 KiB; 0: that of its disk.</summary>
    public int MaxPages { get; init; }

    /// <summary>Null: none is kept.</summary>
    public static LockHistorySettings? Of(LockServiceOptions options, string group) =>
        options.HistoryEntries == 0 ? null : new(
            options.HistoryFolder.Length == 0 ? "" : System.IO.Path.GetFullPath(System.IO.Path.Combine(
                options.HistoryFolder, $"{group}.{options.Replica}.history.db")),
            options.HistoryEntries, options.HistoryAge);
}

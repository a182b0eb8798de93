using Muster.Contracts;
using Muster.Hosting;

namespace Muster.Consensus.Storage;

/// <summary>
/// A node's folder on disk, held for as long as the node lives: two processes on one disk would be one voter
/// who votes twice.
/// </summary>
public sealed class DataFolder : IDisposable
{
    /// <summary>How a refusal ends where votes and entries may be gone.</summary>
    internal const string Advice = "and must not take part. Bring back the very folder that it wrote last.";

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    public string DatabaseFile => System.IO.Path.Combine(Path, "consensus.db");

    /// <exception cref="StartRefusedException">
    /// Somebody else holds the folder, or it cannot be written.
    /// </exception>
    public static DataFolder Hold(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            var held = new FileStream(System.IO.Path.Combine(full, "lock"), FileMode.OpenOrCreate,
                FileAccess.ReadWrite, FileShare.None);
            return new DataFolder(full, held);
        }
        catch (IOException failure)
        {
            throw new StartRefusedException(
                $"The data folder {full} is in use by another process (its file 'lock' is held), "
                + $"or cannot be written: {failure.Message} Stop the other process, or choose another "
                + "Consensus:DataFolder.", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new StartRefusedException(
                $"The data folder {full} cannot be written: {failure.Message}", failure);
        }
    }

    public void Dispose() => _lock.Dispose();
}

/// <summary>
/// Whose disk this is; every stored value must equal the configured one, or the node does not start.
/// </summary>
public sealed record DiskIdentity
{
    public required string ClusterId { get; init; }

    public required NodeId Node { get; init; }

    /// <summary>
    /// All voters of the bootstrap, this node included; for a node that joins, whom it announces itself to. A
    /// file that exists keeps those that it was made with.
    /// </summary>
    public required IReadOnlyList<NodeId> Members { get; init; }

    /// <summary>
    /// An empty folder becomes the disk of a node that waits to be added to a cluster.
    /// </summary>
    public bool Joins { get; init; }

    public required IReadOnlyList<string> Groups { get; init; }
}

using System.Runtime.InteropServices;

namespace Muster.Recovery.Backups;

/// <summary>
/// Makes a rename last through a loss of power: on Unix a folder is synced like a file, for which .NET has no
/// call. Elsewhere the file system sees to it.
/// </summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">The folder could not be synced.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        var folder = Open(path, ReadOnly);
        if (folder < 0)
        {
            throw Failure(path);
        }
        var result = Fsync(folder);
        var failure = result == 0 ? null : Failure(path);
        _ = Close(folder);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static IOException Failure(string path) =>
        new($"The folder {path} cannot be synced: error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport(
        "libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}

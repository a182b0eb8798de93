using Microsoft.Data.Sqlite;
using Muster.Hosting;

namespace Muster.Consensus.Storage;

/// <summary>
/// What SQLite's failures mean for a node, in words. Result codes: sqlite.org/rescode.html.
/// </summary>
internal static class DiskTrouble
{
    private const int OutOfMemory = 7;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>Disk or file are to blame, and not what was asked of them.</summary>
    public static bool IsIn(SqliteException failure) =>
        IsOfTheDisk(failure) || failure.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>
    /// Only a file that says something wrong is damaged; a disk that is full, or answers with an error, has
    /// lost nothing by that.
    /// </summary>
    public static StartRefusedException AtStart(string file, SqliteException failure) => new(
        $"{Describe(file, failure)} " + (IsOfTheDisk(failure)
            ? "Nothing is lost by that: the node takes part again when it is started after that is mended."
            : $"This node does not know what it gave its word for, {DataFolder.Advice}"),
        failure);

    /// <summary>
    /// A running node's write failed: it ends, and reads at its next start what the disk has.
    /// </summary>
    public static DiskFailedException AtCommit(string file, SqliteException failure) => new(
        $"{Describe(file, failure)} What was to be written counts for nobody; the node ends, and takes part "
        + "again with what its disk has when it is started after that is mended.", failure);

    private static bool IsOfTheDisk(SqliteException failure) =>
        failure.SqliteErrorCode is OutOfMemory or ReadOnly or InputOutput or Full or CannotOpen;

    private static string Describe(string file, SqliteException failure) => failure.SqliteErrorCode switch
    {
        Full => $"The disk of {file} has no space left ({failure.Message}). Free some, or give the node "
            + "more.",
        InputOutput => $"The disk of {file} fails to read or write (code {failure.SqliteExtendedErrorCode}: "
            + $"{failure.Message}). Look at the disk and the kernel's log.",
        ReadOnly or CannotOpen => $"The file {file} cannot be opened for writing ({failure.Message}). Look "
            + "at the folder's owner and rights, and whether the disk is mounted for reading alone.",
        OutOfMemory => $"There was no memory for the file {file} ({failure.Message}).",
        _ => $"The file {file} is damaged ({failure.Message}).",
    };
}

/// <summary>A node could not keep what it had to.</summary>
public sealed class DiskFailedException(string message, Exception inner) : Exception(message, inner);

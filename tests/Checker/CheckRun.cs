using System.CommandLine;
using Muster.Testing;

namespace Muster.Checker;

/// <summary>Checks files one after the other, each on all cores, and says what came of it.</summary>
internal sealed class CheckRun(
    Model model, CheckOptions options, DirectoryInfo? drawings, InvocationConfiguration console)
{
    public const int AllOk = 0;
    public const int AnyNotOk = 1;
    public const int AnyUnknown = 2;
    public const int Unreadable = 3;

    private readonly HashSet<string> _drawn = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All files are checked, also after one that is refuted or cannot be read.</summary>
    public int Run(IReadOnlyList<FileInfo> files)
    {
        var codes = files.Select(file => Check(file.ToString())).ToHashSet();
        return new[] { Unreadable, AnyNotOk, AnyUnknown }.FirstOrDefault(codes.Contains, AllOk);
    }

    private int Check(string file)
    {
        try
        {
            var result = LinearizabilityChecker.Check(HistoryReader.ReadFile(file), model, options);
            Print(file, result);
            return result.Verdict switch
            {
                Verdict.Ok => AllOk,
                Verdict.NotOk => AnyNotOk,
                _ => AnyUnknown,
            };
        }
        catch (Exception refused)
            when (refused is HistoryFormatException or IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"{file}: {refused.Message}");
            return Unreadable;
        }
        catch (Exception spent) when (IsOfMemory(spent))
        {
            console.Output.WriteLine($"{file}: unknown");
            console.Output.WriteLine($"  {spent.Message}");
            return AnyUnknown;
        }
    }

    /// <summary>Alone, or of one of the cores that searched.</summary>
    private static bool IsOfMemory(Exception failure) => failure is OutOfMemoryException or OverflowException
        || (failure is AggregateException several && several.InnerExceptions.All(IsOfMemory));

    private void Print(string file, CheckResult result)
    {
        var verdict = result.Verdict switch
        {
            Verdict.Ok => "ok",
            Verdict.NotOk => "not ok",
            _ => "unknown",
        };
        console.Output.WriteLine($"{file}: {verdict}");
        if (result.Failure is { } failure)
        {
            console.Output.Write(failure.ToString());
            if (drawings is not null) TryDraw(file, failure, drawings);
        }
        else if (result.Reason is { } reason)
        {
            console.Output.WriteLine($"  {reason}");
        }
    }

    /// <summary>The verdict stands, drawn or not.</summary>
    private void TryDraw(string file, FailingPart failure, DirectoryInfo folder)
    {
        try
        {
            console.Output.WriteLine($"  drawn in {Draw(file, failure, folder)}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"{file}: not drawn: {refused.Message}");
        }
    }

    private string Draw(string file, FailingPart failure, DirectoryInfo folder)
    {
        folder.Create();
        var name = Path.GetFileNameWithoutExtension(file);
        var page = name;
        // Files of the same name from several folders are drawn side by side.
        for (var number = 2; !_drawn.Add(page); number++)
        {
            page = $"{name}-{number}";
        }
        var path = Path.Combine(folder.ToString(), page + ".html");
        using var writer = new StreamWriter(path);
        TimelineHtml.Write(writer, failure);
        return path;
    }
}

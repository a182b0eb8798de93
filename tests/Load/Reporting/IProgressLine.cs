using Muster.Load.Measuring;
using Spectre.Console;

namespace Muster.Load.Reporting;

/// <summary>What goes on, for whoever waits.</summary>
internal interface IProgressLine
{
    /// <summary>Replaces the line; on a pipe a line of its own, at most one a second.</summary>
    void Show(string text);

    /// <summary>Stays to be read.</summary>
    void Say(string text);
}

/// <summary>A line that a terminal rewrites in place.</summary>
internal sealed class LiveLine(IAnsiConsole console, StatusContext status) : IProgressLine
{
    public void Show(string text) => status.Status(Markup.Escape(text));

    public void Say(string text) => console.WriteLine(text);
}

/// <summary>For a file, a pipe or a continuous integration log.</summary>
internal sealed class PlainLine(IAnsiConsole console) : IProgressLine
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long? _shownAt;

    public void Show(string text)
    {
        if (_shownAt is null || Clock.Since(_shownAt.Value) >= Pause)
        {
            _shownAt = Clock.Now;
            console.WriteLine(text);
        }
    }

    public void Say(string text) => console.WriteLine(text);
}

using System.Globalization;
using System.Text;
using Muster.Simulator;

namespace Muster.Scenarios.Tests;

/// <summary>A command of a scenario, and the trace that is recorded beneath it.</summary>
internal sealed record ScenarioStep(int Line, string Command, IReadOnlyList<string> Recorded);

/// <summary>
/// A scenario: prose and blank lines, commands behind "> ", and beneath each command its trace, indented.
/// </summary>
internal sealed class ScenarioFile
{
    private const string CommandMark = "> ";
    private const string TraceMark = "  ";

    /// <summary>So much of what happened before is shown with a failure.</summary>
    private const int LinesShown = 20;

    private readonly string _name;
    private readonly List<(string Text, ScenarioStep? Step)> _parts = [];

    public ScenarioFile(string name, string text)
    {
        _name = name;
        var lines = text.TrimEnd('\n').Split('\n');
        for (var line = 0; line < lines.Length;)
        {
            var head = lines[line++];
            if (head.StartsWith(CommandMark, StringComparison.Ordinal))
            {
                var first = line;
                while (line < lines.Length && lines[line].StartsWith(TraceMark, StringComparison.Ordinal))
                {
                    line++;
                }
                var trace = lines[first..line].Select(one => one[TraceMark.Length..]);
                _parts.Add(("", new ScenarioStep(first, head[CommandMark.Length..].Trim(), [.. trace])));
            }
            else if (head.Length == 0 || head[0] == '#')
            {
                _parts.Add((head, null));
            }
            else
            {
                throw Failed(line, $"neither prose, command nor trace: '{head}'");
            }
        }
    }

    /// <summary>What stands before the first command.</summary>
    public string Prose => string.Join(' ', _parts.TakeWhile(part => part.Step is null)
        .Select(part => part.Text.TrimStart('#').Trim()).Where(text => text.Length > 0));

    public IEnumerable<ScenarioStep> Steps => _parts.Select(part => part.Step).OfType<ScenarioStep>();

    /// <summary>
    /// Runs it and gives it with its trace as it is now. Throws when something that it expects, or a property
    /// that holds in every scenario, does not hold.
    /// </summary>
    public string Run(Mutation? mutation = null)
    {
        var commands = new ScenarioCommands(mutation ?? Mutation.None);
        var text = new StringBuilder();
        foreach (var (prose, step) in _parts)
        {
            text.Append(step is null ? prose : CommandMark + step.Command).Append('\n');
            if (step is null)
            {
                continue;
            }
            Guard(step.Line, text, () => commands.Do(step.Command));
            foreach (var line in commands.TakeTrace())
            {
                text.Append(TraceMark).Append(line).Append('\n');
            }
        }
        Guard(Steps.Last().Line, text, commands.End);
        return text.ToString();
    }

    private void Guard(int line, StringBuilder before, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is ScenarioFailure or SimulationFailure)
        {
            var last = before.ToString().TrimEnd('\n').Split('\n').TakeLast(LinesShown);
            throw Failed(line, $"{failure.Message}\n{string.Join('\n', last)}");
        }
    }

    private ScenarioFailure Failed(int line, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{_name}({line}): {what}"));
}

using System.CommandLine;
using Muster.Testing;

namespace Muster.Checker;

/// <summary>The tool's command line.</summary>
internal sealed class CheckerCommands
{
    private const long BytesPerMebibyte = 1L << 20;
    private const double ShortestSeconds = 0.001;
    private const double LongestSeconds = 7 * 24 * 3600;
    private const int MostMebibytes = 1 << 20;

    private readonly Option<Model> _model = new("--model")
    {
        Description = "What the histories should be histories of:\n" + DescribeModels(),
        HelpName = "NAME",
        Required = true,
        CustomParser = result =>
        {
            var name = result.Tokens[^1].Value;
            var model = Models.Find(name);
            if (model is null)
            {
                result.AddError($"'{name}' is no model: {string.Join(", ", Models.All.Select(ModelName))}.");
            }
            return model;
        },
    };

    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "Seconds that each file may take before the answer is unknown.",
        HelpName = "S",
        DefaultValueFactory = _ => 60,
    };

    private readonly Option<int> _memory = new("--memory")
    {
        Description = "MiB that the search may remember before the answer is unknown.",
        HelpName = "MIB",
        DefaultValueFactory = _ => 1024,
    };

    private readonly Option<DirectoryInfo?> _html = new("--html")
    {
        Description = "Draw the time line of each failing key into this folder.",
        HelpName = "DIR",
    };

    private readonly Argument<FileInfo[]> _files = new("FILE")
    {
        Description = "Histories: JSON lines in order of real time, one event a line.",
        Arity = ArgumentArity.OneOrMore,
    };

    public CheckerCommands()
    {
        _timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= ShortestSeconds and <= LongestSeconds))
            {
                result.AddError($"--timeout takes {ShortestSeconds} to {LongestSeconds} seconds.");
            }
        });
        _memory.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostMebibytes)
            {
                result.AddError($"--memory takes 1 to {MostMebibytes} MiB.");
            }
        });
    }

    /// <summary>Runs a command line; one that cannot be read is input that cannot be read.</summary>
    public static int Run(string[] arguments, InvocationConfiguration configuration)
    {
        var parsed = new CheckerCommands().Create().Parse(arguments);
        var code = parsed.Invoke(configuration);
        return parsed.Errors.Count > 0 ? CheckRun.Unreadable : code;
    }

    private RootCommand Create()
    {
        var check = new Command("check", """
            Checks each file for linearizability and prints FILE: ok, not ok or unknown, and below a
            "not ok" the smallest part of the history that no order explains.

            A line is an event: {"process":1,"type":"invoke","f":"cas","key":"k","value":[1,2]}, then
            {"process":1,"type":"ok","f":"cas","key":"k","result":false}. type is invoke; ok, with what was
            seen (value; result, false where it was seen that it could not be done; a grant's token); fail,
            which certainly had no effect; or info, which may have one at any later time or never, as what
            never completes. Each key is checked alone; key may be left out. time, in ns, is shown.

            Exit code: 0 all ok, 1 any not ok, 2 any unknown and none refuted, 3 input that cannot be read.
            """)
        {
            _model, _timeout, _memory, _html, _files,
        };
        check.SetAction(arguments => new CheckRun(
            arguments.GetRequiredValue(_model),
            new CheckOptions
            {
                Timeout = TimeSpan.FromSeconds(arguments.GetValue(_timeout)),
                MemoryBytes = arguments.GetValue(_memory) * BytesPerMebibyte,
            },
            arguments.GetValue(_html),
            arguments.InvocationConfiguration).Run(arguments.GetRequiredValue(_files)));
        return new RootCommand("Checks recorded histories for linearizability.") { check };
    }

    private static string ModelName(Model model) => model is SemaphoreModel ? "semaphore:N" : model.Name;

    private static string DescribeModels() => string.Join('\n', Models.All.Select(
        model => $"{ModelName(model)} ({string.Join(", ", model.Functions)}): {model.Description}"));
}

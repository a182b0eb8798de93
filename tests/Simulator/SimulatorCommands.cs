using System.CommandLine;
using System.Globalization;

namespace Muster.Simulator;

/// <summary>The tool's command line.</summary>
internal sealed class SimulatorCommands(TextWriter output, TimeProvider time)
{
    /// <summary>The exit code of a command line that says nothing that can be run.</summary>
    private const int Misunderstood = 2;

    private readonly Option<int> _seeds = new("--seeds")
    {
        Description = "How many seeds to run, one after the other.",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<ulong> _from = new("--from")
    {
        Description = "The first of them.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Run this one alone: the same events in the same order, in any process.",
    };

    private readonly Option<double> _minutes = new("--minutes")
    {
        Description = "Go on with further seeds for so long; the number of seeds does not count then.",
    };

    private readonly Option<long> _faulty = new("--faulty")
    {
        Description = "Simulated seconds with faults in each run, before it is healed.",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<bool> _trace = new("--trace")
    {
        Description = "Print every event of a run.",
    };

    private readonly Option<string> _mutation = new("--mutation")
    {
        Description = $"Put a deliberate fault into the code: {string.Join(", ", MutationList.All.Keys)}.",
        DefaultValueFactory = _ => Mutation.None.Name,
    };

    /// <summary>Runs a command line; one that cannot be read is no violated property, which is 1.</summary>
    public int Run(string[] arguments, InvocationConfiguration configuration)
    {
        var parsed = Create().Parse(arguments);
        var code = parsed.Invoke(configuration);
        return parsed.Errors.Count > 0 ? Misunderstood : code;
    }

    private RootCommand Create()
    {
        var run = new Command("run", "Runs seeds; ends with the first that violates a property.")
        {
            _seeds, _from, _seed, _minutes, _faulty, _trace, _mutation,
        };
        run.Validators.Add(result =>
        {
            if (result.GetValue(_seed) is not null && result.GetValue(_minutes) > 0)
            {
                result.AddError("--seed runs one seed alone, and --minutes further ones.");
            }
        });
        run.SetAction(arguments => Run(new SeedLoop(output, time)
        {
            First = arguments.GetValue(_seed) ?? arguments.GetValue(_from),
            Count = arguments.GetValue(_seed) is not null ? 1 : arguments.GetValue(_seeds),
            Limit = TimeSpan.FromMinutes(arguments.GetValue(_minutes)),
            FaultySeconds = arguments.GetValue(_faulty),
            IsTraced = arguments.GetValue(_trace),
            Mutation = arguments.GetValue(_mutation)!,
        }));
        return new RootCommand("Runs Muster's real cores under virtual time, with a simulated bus and disk.")
        {
            run,
        };
    }

    private int Run(SeedLoop loop)
    {
        if (loop.Mutation != Mutation.None.Name && !MutationList.All.ContainsKey(loop.Mutation))
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"There is no mutation '{loop.Mutation}'."));
            return Misunderstood;
        }
        if (loop.Count < 1 || loop.FaultySeconds < 1 || loop.Limit < TimeSpan.Zero)
        {
            output.WriteLine("--seeds and --faulty are 1 at least, --minutes no less than 0.");
            return Misunderstood;
        }
        return loop.Run() ? 0 : 1;
    }
}

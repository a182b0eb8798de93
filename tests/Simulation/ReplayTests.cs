using System.Diagnostics;
using System.Globalization;
using Muster.Simulator;
using Shouldly;
using Xunit;

namespace Muster.Simulation.Tests;

/// <summary>
/// A seed is the same run in every process, whatever the machine's language, time zone and runtime settings
/// are. (Each process hashes strings by a number of its own, so two of them would show an order that a
/// hash decides. A build of ours knows no language but the invariant one; a culture of one's own is set
/// here.)
/// </summary>
public sealed class ReplayTests
{
    private const int Seeds = 4;
    private const long FaultySeconds = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static TheoryData<string, string, string> Surroundings => new()
    {
        { "sv_SE.UTF-8", "Asia/Kathmandu", "1" },
        { "fa_IR.UTF-8", "America/St_Johns", "0" },
    };

    [Theory]
    [MemberData(nameof(Surroundings))]
    public async Task Another_process_replays_the_seeds(string language, string zone, string tiers)
    {
        var here = Enumerable.Range(1, Seeds)
            .Select(seed => SimulationRun.Run((ulong)seed, FaultySeconds).Line).ToList();

        var there = await RunTool(["--seeds", $"{Seeds}"], language, zone, tiers);

        there.Split('\n').Where(line => line.StartsWith("seed ", StringComparison.Ordinal)).ShouldBe(here);
    }

    [Theory]
    [MemberData(nameof(Surroundings))]
    public async Task Another_process_replays_a_failure(string language, string zone, string tiers)
    {
        const string mutation = "uncommitted-published";
        var here = Enumerable.Range(1, 500)
            .Select(seed => SimulationRun.Run((ulong)seed, FaultySeconds, MutationList.All[mutation]()))
            .First(result => result.Failure is not null);

        var there = await RunTool(
            ["--seed", $"{here.Seed}", "--mutation", mutation], language, zone, tiers);

        there.ShouldContain($"seed {here.Seed} with the trace {here.Hash:x16} violates");
        there.TrimEnd().ShouldBe(here.Report);
    }

    /// <summary>1 is for a violated property alone.</summary>
    [Theory]
    [InlineData("--seeds", "0")]
    [InlineData("--faulty", "0")]
    [InlineData("--seed", "1", "--minutes", "1")]
    [InlineData("--mutation", "none-such")]
    [InlineData("--sed", "1")]
    public void A_command_line_that_runs_nothing_is_not_a_pass(params string[] arguments)
    {
        using var output = new StringWriter();
        new SimulatorCommands(output, TimeProvider.System)
            .Run(["run", .. arguments], new() { Output = output, Error = output }).ShouldBe(2);
    }

    [Fact]
    public void Another_culture_replays_seeds_and_failures()
    {
        var plain = SeedAndFailure();
        var usual = CultureInfo.CurrentCulture;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NumberDecimalSeparator = ",";
        other.NumberFormat.NegativeSign = "~";
        try
        {
            CultureInfo.CurrentCulture = other;
            SeedAndFailure().ShouldBe(plain);
        }
        finally
        {
            CultureInfo.CurrentCulture = usual;
        }

        static (string Line, string Report) SeedAndFailure() => (
            SimulationRun.Run(1, FaultySeconds).Line,
            SimulationRun.Run(1, FaultySeconds, MutationList.All["uncommitted-published"]()).Report);
    }

    private static async Task<string> RunTool(
        IEnumerable<string> arguments, string language, string zone, string tiers)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                typeof(SimulationRun).Assembly.Location, "run", "--faulty", $"{FaultySeconds}",
            },
            RedirectStandardOutput = true,
            Environment =
            {
                ["LC_ALL"] = language,
                ["TZ"] = zone,
                ["DOTNET_TieredCompilation"] = tiers,
            },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var tool = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var output = await tool.StandardOutput.ReadToEndAsync(limit.Token);
            await tool.WaitForExitAsync(limit.Token);
            return output;
        }
        finally
        {
            if (!tool.HasExited) tool.Kill(entireProcessTree: true);
        }
    }
}

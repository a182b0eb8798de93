using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Scenarios.Tests;

/// <summary>
/// Every file in Cases: what it expects holds, and its trace is the recorded one. <c>MUSTER_APPROVE=1</c>
/// records traces anew, where all that a file expects holds, and fails once, so that recording is never a
/// passing run.
/// </summary>
public sealed class ScenarioTests
{
    private const string ApproveVariable = "MUSTER_APPROVE";

    public static TheoryData<string> Names => [.. ScenarioFiles.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scenario_goes_as_recorded(string name)
    {
        var recorded = ScenarioFiles.Text(name);
        var now = ScenarioFiles.Read(name).Run();
        if (now != recorded && Environment.GetEnvironmentVariable(ApproveVariable) == "1")
        {
            File.WriteAllText(ScenarioFiles.PathOf(name), now);
            Assert.Fail($"{name} is recorded anew: read it, and run again without {ApproveVariable}.");
        }
        now.ShouldBe(recorded, $"record with {ApproveVariable}=1, if that is what should happen");
    }

    [Fact]
    public void There_are_enough_of_them() => ScenarioFiles.Names.Count.ShouldBeGreaterThanOrEqualTo(27);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scenario_says_what_it_shows_and_expects_it(string name)
    {
        var file = ScenarioFiles.Read(name);
        file.Prose.Length.ShouldBeGreaterThan(80, "the property, in prose");
        file.Prose.ShouldMatch("Bug [0-9]+|[Ss]ection [0-9.]+|[Ff]igure [0-9]+");
        file.Steps.Count(step => step.Command.StartsWith("expect ", StringComparison.Ordinal))
            .ShouldBeGreaterThanOrEqualTo(2);
    }
}

/// <summary>The scenarios by their names: folder and file, without ending.</summary>
internal static class ScenarioFiles
{
    private static readonly string Folder = RepositoryRoot.Combine("tests", "Scenarios", "Cases");

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.txt", SearchOption.AllDirectories)
            .Select(path => Path.ChangeExtension(Path.GetRelativePath(Folder, path), null).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    public static string PathOf(string name) => Path.Combine(Folder, name + ".txt");

    public static string Text(string name) => File.ReadAllText(PathOf(name));

    public static ScenarioFile Read(string name) => new(name, Text(name));
}

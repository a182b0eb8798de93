using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Conventions.Tests;

public sealed class ProjectTests
{
    [Fact]
    public void Projects_reference_only_what_their_layer_may()
    {
        var projects = SourceTree.Files(".csproj").ToList();
        foreach (var folder in CoreRules.Folders)
        {
            projects.ShouldContain(
                project => project.Path.StartsWith(folder + "/", StringComparison.Ordinal), folder);
        }

        projects.SelectMany(LayerRules.Violations).ShouldFindNothing();
    }

    [Theory]
    [InlineData("contracts/Muster.Contracts/Muster.Contracts.csproj", "PackageReference", "MassTransit")]
    [InlineData("services/Consensus/Core/X.csproj", "PackageReference", "Dapper")]
    [InlineData("services/Lock/Machine/X.csproj", "ProjectReference", "../../Hosting/Muster.Hosting.csproj")]
    [InlineData("services/Lock/Machine/X.csproj", "ProjectReference", "../../Consensus/Core/X.csproj")]
    [InlineData("contracts/Muster.Client/X.csproj", "ProjectReference", "../../services/Lock/X.csproj")]
    [InlineData("services/Host/X.csproj", "ProjectReference", "../../tests/Broker/Muster.Broker.csproj")]
    [InlineData("tests/Forgotten/X.csproj", "PackageReference", "xunit.v3")]
    public void A_reference_across_layers_is_found(string project, string element, string included) =>
        LayerRules.Violations(Project(project, element, included))
            .ShouldHaveSingleItem().ShouldStartWith(project);

    [Theory]
    [InlineData("../../../contracts/Muster.Contracts/Muster.Contracts.csproj")]
    [InlineData("../../Replication/Core/Muster.Replication.Core.csproj")]
    public void A_core_may_use_contracts_and_the_replication_core(string included) =>
        LayerRules.Violations(Project("services/Lock/Machine/X.csproj", "ProjectReference", included))
            .ShouldBeEmpty();

    [Fact]
    public void The_solution_holds_every_project()
    {
        var projects = SourceTree.Paths
            .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
            .ToList();

        SolutionRules.Violations(File.ReadAllText(RepositoryRoot.Combine("Bus.sln")), projects)
            .ShouldFindNothing();
    }

    [Fact]
    public void A_project_that_the_solution_lacks_or_has_in_excess_is_found()
    {
        const string Solution = "Project(\"{F}\") = \"A\", \"services\\A\\A.csproj\", \"{1}\"\nEndProject\n";

        SolutionRules.Violations(Solution, ["services/A/A.csproj"]).ShouldBeEmpty();
        SolutionRules.Violations(Solution, ["services/B/B.csproj"]).ShouldBe(
        [
            "services/B/B.csproj: not in Bus.sln (dotnet sln Bus.sln add services/B/B.csproj)",
            "services/A/A.csproj: in Bus.sln, not in the tree",
        ]);
    }

    private static SourceFile Project(string path, string element, string included) =>
        new(path, $"<Project><ItemGroup><{element} Include=\"{included}\" /></ItemGroup></Project>");
}

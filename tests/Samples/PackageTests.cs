using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Samples.Tests;

/// <summary>
/// The packages that the README's command makes are all that a project elsewhere needs. It is packed what was
/// built, and restored without network: Muster's packages from a folder, others as this build restored them.
/// </summary>
public sealed class PackageTests
{
    private const string Filter = "contracts/Packages.slnf";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5); // of one command; it takes seconds

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_project_of_the_contracts_is_packed_by_the_command_of_the_page()
    {
        using var filter = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine(Filter)));
        filter.RootElement.GetProperty("solution").GetProperty("projects").EnumerateArray()
            .Select(project => project.GetString()!.Replace('\\', '/'))
            .ShouldBe(Projects().Select(name => $"contracts/{name}/{name}.csproj"), ignoreOrder: true);
        File.ReadAllText(RepositoryRoot.Combine("README.md"))
            .ShouldContain($"dotnet pack {Filter} -c Release -o packages\n");
    }

    [Fact]
    public async Task A_project_that_has_the_packages_alone_acquires_a_lock()
    {
        var folder = Directory.CreateTempSubdirectory("muster-packages-").FullName;
        try
        {
            var packages = Path.Combine(folder, "packages");
            await DotnetAsync(
                "pack", RepositoryRoot.Combine(Filter), "--no-build", "-c", RepositoryRoot.Configuration,
                "-o", packages);
            await WriteProjectAsync(folder, packages);

            await DotnetAsync(
                "build", Path.Combine(folder, "Elsewhere.csproj"), "-p:UseSharedCompilation=false");

            var built = Path.Combine(folder, "bin", "Debug", "net10.0");
            foreach (var name in Projects())
            {
                File.Exists(Path.Combine(built, name + ".dll")).ShouldBeTrue($"{name} is not in {built}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Projects() =>
        Directory.GetFiles(RepositoryRoot.Combine("contracts"), "*.csproj", SearchOption.AllDirectories)
            .Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal);

    private static async Task WriteProjectAsync(string folder, string packages)
    {
        var version = XDocument.Load(RepositoryRoot.Combine("Directory.Build.props"))
            .Descendants("Version").Single().Value;
        // A folder of its own: the machine's would keep a package of this version for the next run.
        var restored = Path.Combine(folder, "restored");
        var project = new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup",
                new XElement("OutputType", "Exe"),
                new XElement("TargetFramework", "net10.0"),
                new XElement("ImplicitUsings", "enable"),
                new XElement("Nullable", "enable"),
                new XElement("UseAppHost", "false"),
                new XElement("TreatWarningsAsErrors", "true"),
                new XElement("RestorePackagesPath", restored),
                new XElement("RestoreSources", packages),
                new XElement("RestoreFallbackFolders", string.Join(';', RestoredBefore())),
                new XElement("NuGetAudit", "false")),
            new XElement("ItemGroup", Projects().Select(name => new XElement("PackageReference",
                new XAttribute("Include", name), new XAttribute("Version", version)))));
        await File.WriteAllTextAsync(Path.Combine(folder, "Elsewhere.csproj"), project.ToString(), Stop);
        var locks = await File.ReadAllTextAsync(RepositoryRoot.Combine("tests", "Samples", "Locks.cs"), Stop);
        var sample = ReadmeBlocks.RegionsOf(locks).Single(region => region.Name == "without-container");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "Program.cs"), $"using Muster.Client;\n\n{sample.Text}\n", Stop);
    }

    /// <summary>Where the packages are that this build was restored from.</summary>
    private static IEnumerable<string> RestoredBefore()
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(
            RepositoryRoot.Combine("tests", "Samples", "obj", "project.assets.json")));
        var folders = assets.RootElement.GetProperty("packageFolders");
        return [.. folders.EnumerateObject().Select(folder => folder.Name)];
    }

    private static async Task DotnetAsync(params string[] arguments)
    {
        string[] all = [.. arguments, "-v", "q", "-nodeReuse:false", "-nologo"];
        var start = new ProcessStartInfo("dotnet", all)
        {
            WorkingDirectory = RepositoryRoot.Path, // whose global.json chooses the SDK
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Those of the command that runs this test are not for another.
        foreach (var name in start.Environment.Keys
            .Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            process.ExitCode.ShouldBe(
                0, $"dotnet {string.Join(' ', all)}\n{await output}{await errors}");
        }
        finally
        {
            process.Kill(entireProcessTree: true); // nothing once it has ended
        }
    }
}

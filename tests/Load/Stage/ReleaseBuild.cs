using Muster.Broker;
using Muster.Load.Reporting;

namespace Muster.Load.Stage;

/// <summary>The services' executables, always those of a Release build.</summary>
internal static class ReleaseBuild
{
    private const string Release = "Release";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static string AssemblyOf(string project) => RepositoryRoot.Combine(
        Path.GetDirectoryName(project)!, "bin", Release, "net10.0",
        Path.GetFileNameWithoutExtension(project) + ".dll");

    /// <summary>
    /// A Release build of this tool has built them with itself. Otherwise they may be missing or of older
    /// sources: then they are built now.
    /// </summary>
    public static async Task EnsureAsync(IEnumerable<string> projects, IProgressLine progress)
    {
        var isFresh = RepositoryRoot.Configuration == Release;
        foreach (var project in projects)
        {
            if (!isFresh || !File.Exists(AssemblyOf(project)))
            {
                await BuildAsync(project, progress);
            }
        }
    }

    private static async Task BuildAsync(string project, IProgressLine progress)
    {
        progress.Say($"Building {project} in Release, which this build of the tool has not done.");
        await using var build = ServiceProcess.Start(new ServiceProcessOptions
        {
            Name = "build",
            FileName = "dotnet",
            Arguments = ["build", "-c", Release, "-nodeReuse:false", RepositoryRoot.Combine(project)],
            WorkingDirectory = RepositoryRoot.Path,
        });
        if (await build.ExitAsync(Patience) is not 0 and var code)
        {
            throw new LoadException(build.Failure($"building {project} ended with {code}").Message);
        }
    }
}

using Muster.Broker;

namespace Muster.Coordination.Tests.Upgrades;

/// <summary>Services as later builds: all of the present one, but for one assembly.</summary>
internal static class NewerBuild
{
    /// <summary>
    /// Its machine can run at a version that the present one lacks (<c>tests/Newer</c>).
    /// </summary>
    public static string OfRegistry() => With(
        "services/Registry/Muster.Registry.csproj", "tests/Newer/Muster.Newer.csproj",
        "Muster.Registry.Machine.dll");

    /// <summary>
    /// It understands a form of the messages between nodes that the present one lacks, and speaks that or the
    /// present one's (<c>tests/NewerConsensus</c>).
    /// </summary>
    public static string OfConsensus(bool speaksNewer)
    {
        var folder = With(
            "services/Consensus/Muster.Consensus.csproj", "tests/NewerConsensus/Muster.NewerConsensus.csproj",
            "Muster.Consensus.dll");
        if (speaksNewer) File.WriteAllText(Path.Combine(folder, "speaks-2"), "");
        return folder;
    }

    private static string With(string project, string newer, string assembly)
    {
        var folder = Scratch.NewFolder("newer-build");
        var build = ServiceProcessOptions.BuildOf(project);
        foreach (var file in Directory.GetFiles(build, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(build, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        File.Copy(
            Path.Combine(ServiceProcessOptions.BuildOf(newer), assembly),
            Path.Combine(folder, assembly), overwrite: true);
        return folder;
    }
}

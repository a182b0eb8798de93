using Muster.Broker;

namespace Muster.Coordination.Tests.Upgrades;

/// <summary>
/// The registry as a later build: all of the present one, but for its machine, which can run at a version
/// that the present one lacks (<c>tests/Newer</c>).
/// </summary>
internal static class NewerBuild
{
    private const string Machine = "Muster.Registry.Machine.dll";

    public static string OfRegistry()
    {
        var folder = Scratch.NewFolder("newer-registry");
        foreach (var file in Directory.GetFiles(
            ServiceProcessOptions.BuildOf("services/Registry/Muster.Registry.csproj")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        File.Copy(
            Path.Combine(ServiceProcessOptions.BuildOf("tests/Newer/Muster.Newer.csproj"), Machine),
            Path.Combine(folder, Machine), overwrite: true);
        return folder;
    }
}

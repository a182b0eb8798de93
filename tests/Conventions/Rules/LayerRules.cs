using System.Xml.Linq;

namespace Muster.Conventions.Tests;

/// <summary>Layers are projects: what a project file may reference, by where it stands.</summary>
internal static class LayerRules
{
    private const string Contracts = "contracts/Muster.Contracts/Muster.Contracts.csproj";
    private const string ReplicationCore = "services/Replication/Core/Muster.Replication.Core.csproj";

    public static IEnumerable<string> Violations(SourceFile project)
    {
        var xml = XDocument.Parse(project.Text);
        var packages = Included(xml, "PackageReference").ToList();
        var references = Included(xml, "ProjectReference")
            .Select(path => Resolve(project.Path, path))
            .ToList();
        if (IsPure(project.Path))
        {
            foreach (var package in packages)
            {
                yield return $"{project.Path}: references the package {package}";
            }
            foreach (var reference in references.Where(reference => !PureMayUse(project.Path, reference)))
            {
                yield return $"{project.Path}: references {reference}";
            }
        }
        foreach (var reference in references.Where(reference => IsUpwards(project.Path, reference)))
        {
            yield return $"{project.Path}: references {reference}, a layer above it";
        }
        // tests/run finds test projects by their name.
        if (packages.Contains("xunit.v3")
            && !project.Path.EndsWith(".Tests.csproj", StringComparison.Ordinal))
        {
            yield return $"{project.Path}: a test project whose name does not end in .Tests";
        }
    }

    public static bool IsPure(string path) =>
        path == Contracts
        || Array.Exists(CoreRules.Folders, folder => path.StartsWith(folder + "/", StringComparison.Ordinal));

    private static bool PureMayUse(string project, string reference) =>
        project != Contracts && reference != project && reference is Contracts or ReplicationCore;

    private static bool IsUpwards(string project, string reference) =>
        Layer(reference) > Layer(project);

    private static int Layer(string path) => path.Split('/')[0] switch
    {
        "contracts" => 0,
        "services" => 1,
        _ => 2,
    };

    private static IEnumerable<string> Included(XDocument xml, string element) =>
        xml.Descendants(element).Select(reference => reference.Attribute("Include")?.Value ?? "");

    private static string Resolve(string project, string reference) =>
        Path.GetRelativePath(
            "/", Path.Combine("/", Path.GetDirectoryName(project)!, reference.Replace('\\', '/')));
}

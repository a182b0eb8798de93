namespace Muster.Broker;

/// <summary>What to start and how.</summary>
public sealed record ServiceProcessOptions
{
    /// <summary>Names the log file and the process in error messages: <c>consensus-n1</c>.</summary>
    public required string Name { get; init; }

    public required string FileName { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Added to the test's own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Default: the folder of the log file, empty and the process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// A built service of this repository, of the test's own configuration, named by its project:
    /// <c>services/Lock/Muster.Lock.csproj</c>.
    /// </summary>
    public static ServiceProcessOptions Service(string project, string name, params string[] arguments)
    {
        var path = Path.Combine(BuildOf(project), AssemblyOf(project));
        return File.Exists(path)
            ? new ServiceProcessOptions { Name = name, FileName = "dotnet", Arguments = [path, .. arguments] }
            : throw new FileNotFoundException($"{path} is not there: build Bus.sln first.", path);
    }

    /// <summary>The folder that a project of this repository is built to.</summary>
    public static string BuildOf(string project) => RepositoryRoot.Combine(
        Path.GetDirectoryName(project)!, "bin", RepositoryRoot.Configuration, "net10.0");

    /// <summary>The same, of another build of the service in this folder.</summary>
    public ServiceProcessOptions BuiltIn(string folder) => this with
    {
        Arguments = [Path.Combine(folder, Path.GetFileName(Arguments[0])), .. Arguments.Skip(1)],
    };

    private static string AssemblyOf(string project) => Path.GetFileNameWithoutExtension(project) + ".dll";
}

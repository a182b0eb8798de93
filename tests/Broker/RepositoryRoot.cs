namespace Muster.Broker;

/// <summary>
/// The folder that holds <c>Bus.sln</c>, found upwards from the running test's own output folder.
/// </summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Find();

    /// <summary>
    /// Debug or Release: as the running test was built, so that the services it starts are of the same build.
    /// </summary>
    public static string Configuration { get; } =
        AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release";

    public static string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Bus.sln")))
            {
                return at.FullName;
            }
        }
        throw new InvalidOperationException($"No Bus.sln above {AppContext.BaseDirectory}.");
    }
}

namespace Muster.Consensus.Tests.Cluster;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder() => Path = Directory.CreateTempSubdirectory("muster-consensus-").FullName;

    public string Path { get; }

    public string Of(string node) => System.IO.Path.Combine(Path, node);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

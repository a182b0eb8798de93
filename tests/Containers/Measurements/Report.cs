using Muster.Broker;
using Xunit;

namespace Muster.Containers.Tests.Measurements;

/// <summary>
/// Numbers for people: in the test's output, and kept in a file when MUSTER_MEASUREMENTS names a folder.
/// </summary>
internal sealed class Report(string title)
{
    private const string FolderVariable = "MUSTER_MEASUREMENTS";
    private readonly List<string> _lines = [title];

    public void Add(string line) => _lines.Add("  " + line);

    public void Write(string file)
    {
        var text = string.Join('\n', _lines);
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        var named = Environment.GetEnvironmentVariable(FolderVariable);
        var folder = string.IsNullOrEmpty(named) ? Scratch.Root : named;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, file), text + "\n");
    }
}

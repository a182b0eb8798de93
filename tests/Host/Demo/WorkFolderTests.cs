using Muster.Broker;
using Muster.Host.Demo;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests.Demo;

public sealed class WorkFolderTests
{
    /// <summary>
    /// A path is in the name of its lock, and a line of its worker's assignment: one that can be neither
    /// ended every worker that it was dealt to.
    /// </summary>
    [Fact]
    public void Files_whose_path_makes_no_name_and_no_line_are_left_out()
    {
        var path = Scratch.NewFolder("folder");
        var deep = Directory.CreateDirectory(Path.Combine(path, new string('d', 100))).FullName;
        foreach (var file in new[]
        {
            Path.Combine(path, "good.txt"), Path.Combine(path, "two\nlines"), Path.Combine(path, "tab\t"),
            Path.Combine(path, new string('漢', 80)), Path.Combine(deep, new string('f', 150)),
            Path.Combine(deep, "also good"),
        })
        {
            File.WriteAllText(file, "words");
        }

        WorkFolder.Open(path).Items.ShouldBe([new string('d', 100) + "/also good", "good.txt"]);
    }
}

using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Samples.Tests;

/// <summary>
/// The C# that the pages show is compiled: each block of it is, word for word, a <c>#region readme NAME</c>
/// of this project. Regions of one name are one block, with an empty line between.
/// </summary>
public sealed class ReadmeTests
{
    private static readonly string[] Pages =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "contracts/README.md"];

    [Fact]
    public void Every_block_is_a_region_and_every_region_is_shown()
    {
        var regions = Directory.GetFiles(RepositoryRoot.Combine("tests", "Samples"), "*.cs")
            .Order(StringComparer.Ordinal)
            .SelectMany(file => ReadmeBlocks.RegionsOf(File.ReadAllText(file)))
            .GroupBy(region => region.Name, region => region.Text)
            .ToDictionary(region => region.Key, region => string.Join("\n\n", region));
        var blocks = Pages
            .SelectMany(page => ReadmeBlocks.BlocksOf(File.ReadAllText(RepositoryRoot.Combine(page))))
            .ToList();

        regions.ShouldNotBeEmpty();
        foreach (var block in blocks)
        {
            regions.Values.ShouldContain(block, "a block that no region of tests/Samples equals");
        }
        regions.Where(region => !blocks.Contains(region.Value)).Select(region => region.Key)
            .ShouldBeEmpty("regions that no page shows");
    }

    [Fact]
    public void Blocks_of_other_languages_are_left_out() =>
        ReadmeBlocks.BlocksOf("a\n```csharp\nx();\n\n  y();\n```\nb\n```python\nz\n```\n```csharp\nw\n```\n")
            .ShouldBe(["x();\n\n  y();", "w"]);

    [Fact]
    public void A_region_loses_its_indentation_alone() =>
        ReadmeBlocks.RegionsOf("  #region readme a\n    x\n\n      y\n  #endregion\n#region b\n#endregion\n")
            .ShouldBe([("a", "x\n\n  y")]);

    [Theory]
    [InlineData("```csharp\nx();\n")]
    [InlineData("#region readme a\nx();\n")]
    public void What_never_ends_is_found(string text) =>
        Should.Throw<InvalidDataException>(() => Count(text));

    private static int Count(string text) =>
        ReadmeBlocks.BlocksOf(text).Count() + ReadmeBlocks.RegionsOf(text).Count();
}

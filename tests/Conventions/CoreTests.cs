using Shouldly;
using Xunit;

namespace Muster.Conventions.Tests;

public sealed class CoreTests
{
    public static TheoryData<string, string> Impure => new()
    {
        { "var now = DateTime.UtcNow;", "'DateTime' in a core" },
        { "System.Threading.Tasks.Task x;", "'Task' in a core" },
        { "await x;", "'await' in a core" },
        { "lock (x) { }", "'lock' in a core" },
        { "var id = Guid.NewGuid();", "'NewGuid' in a core" },
        { "new Random().Next();", "'Random' in a core" },
        { "File.ReadAllText(path);", "'File' in a core" },
        { "TimeProvider time;", "'TimeProvider' in a core" },
        { "double d = 0;", "floating point ('double') in a machine" },
        { "var d = 0.5;", "floating point ('0.5') in a machine" },
        { "name.GetHashCode();", "'GetHashCode' in a machine" },
    };

    public static TheoryData<string> Unordered => new()
    {
        "foreach (var x in _table) { }",
        "foreach (var (k, v) in _table) { }",
        "foreach (var x in _table.Values) { }",
        "foreach (var x in this._table) { }",
        "var l = _table.Values.Where(x => x > 0).ToList();",
        "int[] a = [.. _table.Keys];",
        "var local = new HashSet<int>(); foreach (var x in local) { }",
    };

    [Fact]
    public void Every_core_is_there_and_pure()
    {
        foreach (var folder in CoreRules.Folders)
        {
            SourceTree.Sources.ShouldContain(file => Within(file, folder), $"{folder} is empty");
        }
        CoreFiles().SelectMany(file => CoreRules.Violations(file, IsMachine(file))).ShouldFindNothing();
    }

    [Fact]
    public void Cores_iterate_ordered_collections_only() =>
        CoreFiles().SelectMany(OrderRules.Violations).ShouldFindNothing();

    [Theory]
    [MemberData(nameof(Impure))]
    public void What_is_impure_is_found(string statement, string finding) =>
        CoreRules.Violations(Sample(statement), isMachine: true).ShouldContain($"Sample.cs(4): {finding}");

    [Fact]
    public void Floating_point_is_banned_in_machines_alone() =>
        CoreRules.Violations(Sample("double d = 0.5;"), isMachine: false).ShouldBeEmpty();

    [Fact]
    public void Words_in_comments_strings_and_declared_names_are_not_calls() =>
        CoreRules.Violations(Sample("// DateTime\nvar s = \"Task\"; int File() => 0;"), isMachine: true)
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Unordered))]
    public void Iterating_a_hash_table_is_found(string statement) =>
        OrderRules.Violations(Sample(statement)).ShouldNotBeEmpty();

    [Theory]
    [InlineData("foreach (var x in _sorted) { }")]
    [InlineData("foreach (var x in _table.Values.OrderBy(x => x)) { }")]
    [InlineData("var l = _table.Values.Where(x => x > 0).OrderBy(x => x).ToList();")]
    [InlineData("var n = _table.Count + _table[1]; _table.TryGetValue(1, out var v);")]
    public void Sorted_and_single_reads_are_allowed(string statement) =>
        OrderRules.Violations(Sample(statement)).ShouldBeEmpty();

    private static SourceFile Sample(string statements) => new("Sample.cs",
        "class C {\n Dictionary<int, int> _table; SortedDictionary<int, int> _sorted;\n void M() {\n"
        + statements + "\n}}");

    private static IEnumerable<SourceFile> CoreFiles() =>
        SourceTree.Sources.Where(file => CoreRules.Folders.Any(folder => Within(file, folder)));

    private static bool IsMachine(SourceFile file) => CoreRules.Machines.Any(folder => Within(file, folder));

    private static bool Within(SourceFile file, string folder) =>
        file.Path.StartsWith(folder + "/", StringComparison.Ordinal);
}

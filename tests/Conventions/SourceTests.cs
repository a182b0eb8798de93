using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Conventions.Tests;

public sealed class SourceTests
{
    [Fact]
    public void Time_is_injected() => SourceTree.Sources.SelectMany(TimeRules.Violations).ShouldFindNothing();

    [Theory]
    [InlineData("var x = DateTimeOffset.UtcNow;")]
    [InlineData("var x = DateTime.Now;")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("await Task.Delay(1);")]
    [InlineData("await Task.Delay(TimeSpan.Zero, cancellationToken);")]
    [InlineData("var x = Environment.TickCount64;")]
    public void Time_of_ones_own_is_found(string statement) =>
        TimeRules.Violations(Sample(statement)).ShouldHaveSingleItem();

    [Theory]
    [InlineData("await Task.Delay(x, TimeProvider.System);")]
    [InlineData("await Task.Delay(x, _time, cancellationToken);")]
    [InlineData("var x = time.GetUtcNow(); var s = \"DateTime.UtcNow\";")]
    public void Injected_time_is_allowed(string statement) =>
        TimeRules.Violations(Sample(statement)).ShouldBeEmpty();

    [Fact]
    public void Files_functions_and_lines_keep_their_size() =>
        SourceTree.Sources.SelectMany(SizeRules.Violations).ShouldFindNothing();

    [Theory]
    [InlineData(400, 0)]
    [InlineData(401, 1)]
    public void A_file_may_have_400_lines(int lines, int findings) =>
        SizeRules.Violations(new("Long.cs", string.Concat(Enumerable.Repeat("// line\n", lines))))
            .Count().ShouldBe(findings);

    [Theory]
    [InlineData(110, 0)]
    [InlineData(111, 1)]
    public void A_line_may_have_110_columns(int columns, int findings) =>
        SizeRules.Violations(new("Wide.cs", new string('/', columns) + "\n")).Count().ShouldBe(findings);

    [Theory]
    [InlineData("void M()", 66, 0)]
    [InlineData("void M()", 67, 1)]
    [InlineData("int P { get", 67, 1)]
    [InlineData("C()", 67, 1)]
    public void A_function_may_have_70_lines(string head, int statements, int findings)
    {
        var body = string.Concat(Enumerable.Repeat("x();\n", statements));
        var end = head.Contains('{', StringComparison.Ordinal) ? "}}" : "}";
        SizeRules.Violations(new("Tall.cs", $"class C {{\n{head}\n\n{{\n{body}{end}\n}}\n"))
            .Count().ShouldBe(findings);
    }

    [Fact]
    public void Names_say_what_a_thing_does()
    {
        SourceTree.Paths.SelectMany(NameRules.PathViolations).ShouldFindNothing();
        SourceTree.Sources.SelectMany(NameRules.Violations).ShouldFindNothing();
    }

    [Theory]
    [InlineData("services/Common/A.cs")]
    [InlineData("contracts/Muster.Utils/B.cs")]
    [InlineData("tests/TestHelpers.cs")]
    public void A_path_that_says_nothing_is_found(string path) =>
        NameRules.PathViolations(path).ShouldHaveSingleItem();

    [Theory]
    [InlineData("class StringHelper;")]
    [InlineData("static class Utils { }")]
    [InlineData("namespace Muster.Common;")]
    public void A_type_that_says_nothing_is_found(string code) =>
        NameRules.Violations(new("A.cs", code)).ShouldHaveSingleItem();

    [Fact]
    public void A_word_that_holds_such_a_name_is_allowed() =>
        NameRules.Violations(new("A.cs", "class Commonwealth; class Utilization;")).ShouldBeEmpty();

    [Fact]
    public void Nothing_unfinished_is_kept() =>
        SourceTree.Sources.SelectMany(UnfinishedRules.Violations).ShouldFindNothing();

    [Theory]
    [InlineData("// TODO later")]
    [InlineData("throw new NotImplementedException();")]
    [InlineData("try { } catch { }")]
    [InlineData("try { } catch (Exception) { }")]
    [InlineData("\n#pragma warning disable CA1000\n")]
    [InlineData("[Fact(Skip = \"flaky\")] void Inner() { }")]
    public void What_is_unfinished_is_found(string statement) =>
        UnfinishedRules.Violations(Sample(statement)).ShouldHaveSingleItem();

    [Fact]
    public void Log_messages_have_ids_of_their_own() =>
        LogIdRules.Violations(SourceTree.Sources).ShouldFindNothing();

    [Fact]
    public void A_log_id_that_is_taken_or_missing_is_found()
    {
        var first = new SourceFile("A.cs", "class C { [LoggerMessage(7, LogLevel.Error, \"a\")] void A(); }");
        var named = new SourceFile("B.cs", "class C { [LoggerMessage(\n EventId = 8)] void B(); }");
        var taken = new SourceFile("D.cs", "class C {\n[LoggerMessage(\n7, LogLevel.Debug)] void D(); }");
        var without = new SourceFile("E.cs", "class C { [LoggerMessage(LogLevel.Debug, \"e\")] void E(); }");

        LogIdRules.Violations([first, named]).ShouldBeEmpty();
        LogIdRules.Violations([first, named, taken, without]).ShouldBe(
        [
            "D.cs(2): the log id 7 is that of A.cs too",
            "E.cs(1): a log message without an id",
        ]);
    }

    [Fact]
    public void No_file_names_a_machines_folder_or_a_registry() =>
        SourceTree.Paths
            .Select(path => (Path: path, Bytes: File.ReadAllBytes(RepositoryRoot.Combine(path))))
            .Where(file => MachinePathRules.IsText(file.Bytes))
            .Select(file => new SourceFile(file.Path, System.Text.Encoding.UTF8.GetString(file.Bytes)))
            .SelectMany(MachinePathRules.Violations)
            .ShouldFindNothing();

    [Theory]
    [InlineData("see /wo", "rk/x")]
    [InlineData("\"/ro", "ot/.nuget\"")]
    [InlineData("/ho", "me/ann/x")]
    [InlineData("https://api.nu", "get.org/v3")]
    [InlineData("registry.npm", "js.org")]
    public void A_machines_folder_or_a_registry_is_found(string head, string tail) =>
        MachinePathRules.Violations(new("a.md", "first\n" + head + tail))
            .ShouldHaveSingleItem().ShouldStartWith("a.md(2)");

    [Fact]
    public void A_relative_path_of_that_name_is_allowed() =>
        MachinePathRules.Violations(new("a.md", "../wo" + "rk/x services/wo" + "rk/y")).ShouldBeEmpty();

    private static SourceFile Sample(string statements) =>
        new("Sample.cs", "class C { async void M() {\n" + statements + "\n}}");
}

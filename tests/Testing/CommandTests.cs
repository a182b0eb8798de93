using System.CommandLine;
using System.Text;
using Muster.Checker;

namespace Muster.Testing.Tests;

/// <summary>The command, as a shell sees it.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Write1 = """
        {"process":1,"type":"invoke","f":"write","key":"k","value":1}
        {"process":1,"type":"ok","f":"write","key":"k","value":1}

        """;

    private const string Read1 = """
        {"process":2,"type":"invoke","f":"read","key":"k"}
        {"process":2,"type":"ok","f":"read","key":"k","value":1}

        """;

    private const string Read2 = """
        {"process":2,"type":"invoke","f":"read","key":"k"}
        {"process":2,"type":"ok","f":"read","key":"k","value":2}

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("muster-checker-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void All_ok_is_0()
    {
        var file = Write("good.jsonl", Write1 + Read1);
        Run("--model", "register", file, file).ShouldBe((0, $"{file}: ok\n{file}: ok\n", ""));
    }

    /// <summary>Replaced by one and the same character, they would be one key, or one value.</summary>
    [Fact]
    public void What_is_not_UTF_8_is_3_with_its_line()
    {
        var file = Path.Combine(_folder.FullName, "latin.jsonl");
        File.WriteAllText(file, Write1 + Read1.Replace("\"k\"", "\"\u00e9\""), Encoding.Latin1);
        var (code, _, error) = Run("--model", "register", file);
        code.ShouldBe(3);
        error.ShouldContain("line 3");
    }

    [Fact]
    public void What_cannot_be_drawn_is_not_ok_all_the_same()
    {
        var file = Write("bad.jsonl", Write1 + Read2);
        var (code, output, error) = Run("--model", "register", "--html", file, file);
        code.ShouldBe(1);
        output.ShouldContain("not ok");
        error.ShouldContain("not drawn");
    }

    [Fact]
    public void A_time_that_is_none_is_3() =>
        Run("--model", "register", "--timeout", "1e-8", Write("good.jsonl", Write1)).Code.ShouldBe(3);

    [Fact]
    public void Any_not_ok_is_1_with_the_failing_part_below()
    {
        var good = Write("good.jsonl", Write1 + Read1);
        var bad = Write("bad.jsonl", Write1 + Read2);
        var (code, output, error) = Run("--model", "register", good, bad);
        code.ShouldBe(1);
        error.ShouldBeEmpty();
        output.ShouldStartWith(
            $"{good}: ok\n{bad}: not ok\n  key \"k\", register: no order explains its first 2 ");
        output.ShouldEndWith("  process 2's read, ok 2, fits nowhere\n");
    }

    [Fact]
    public void Unknown_is_2_unless_another_is_refuted()
    {
        var lines = new StringWriter();
        HistoryWriter.Write(lines, HardKey().Events);
        var hard = Write("hard.jsonl", lines.ToString());
        var bad = Write("bad.jsonl", """
            {"process":1,"type":"invoke","f":"get"}
            {"process":1,"type":"ok","value":"x"}
            """);
        var (code, output, _) = Run("--model", "kv", "--timeout", "0.2", hard);
        code.ShouldBe(2);
        output.ShouldStartWith($"{hard}: unknown\n  of 1 keys 1 not decided within 0.2 s: the only key ");
        // By memory, since a busy machine may not even have decided the easy one in 0.2 s.
        (code, output, _) = Run("--model", "kv", "--memory", "1", hard, bad);
        code.ShouldBe(1);
        output.ShouldContain("not decided within 1,048,576 bytes");
    }

    [Fact]
    public void What_cannot_be_read_is_3_and_named()
    {
        var broken = Write("broken.jsonl", Write1 + "{");
        var bad = Write("bad.jsonl", Write1 + Read2);
        var (code, output, error) = Run("--model", "register", broken, bad);
        code.ShouldBe(3);
        error.ShouldStartWith($"{broken}: line 3: ");
        output.ShouldStartWith($"{bad}: not ok\n");
        Run("--model", "mutex", bad).ShouldBe(
            (3, "", $"{bad}: line 1: mutex knows acquire, release, not 'write'.\n"));
        Run("--model", "register", Path.Combine(_folder.FullName, "none.jsonl")).Code.ShouldBe(3);
    }

    [Theory]
    [InlineData("--model", "tree")]
    [InlineData("--model", "semaphore:0")]
    [InlineData("--model", "kv", "--timeout", "0")]
    [InlineData("--model", "kv", "--timeout", "NaN")]
    [InlineData("--model", "kv", "--memory", "0")]
    [InlineData("--timeout", "1")]
    public void A_command_line_that_cannot_be_read_is_3(params string[] arguments)
    {
        var (code, _, error) = Run([.. arguments, Write("good.jsonl", Write1)]);
        code.ShouldBe(3);
        error.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_failing_key_is_drawn()
    {
        var bad = Write("bad.jsonl", Write1 + Read2);
        var pages = Path.Combine(_folder.FullName, "pages");
        var (code, output, _) = Run("--model", "register", "--html", pages, bad, bad);
        code.ShouldBe(1);
        foreach (var name in new[] { "bad.html", "bad-2.html" })
        {
            var page = Path.Combine(pages, name);
            output.ShouldContain($"  drawn in {page}\n");
            File.ReadAllText(page).ShouldContain("key &quot;k&quot; is not linearizable as register");
        }
    }

    [Fact]
    public void Every_model_is_in_the_help()
    {
        var help = Run("--help").Output;
        foreach (var model in Models.All)
        {
            help.ShouldContain(model is SemaphoreModel ? "semaphore:N" : model.Name);
        }
    }

    private static HistoryScript HardKey()
    {
        var script = new HistoryScript();
        for (var process = 1; process <= 24; process++)
        {
            script.Invoke(process, "append", $"{process} ");
        }
        for (var process = 1; process <= 24; process++)
        {
            script.Ok(process);
        }
        return script.Do(1, "put", "x").Do(1, "get", answer: "y");
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = CheckerCommands.Run(
            ["check", .. arguments], new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}

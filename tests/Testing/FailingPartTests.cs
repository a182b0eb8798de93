using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Muster.Testing.Tests;

/// <summary>What is shown of a refuted history.</summary>
public sealed partial class FailingPartTests
{
    private static HistoryScript StaleRead() => new HistoryScript()
        .Do(1, "write", 1).Invoke(3, "write", 9).Info(3).Invoke(1, "write", 2).Invoke(2, "read")
        .Ok(1).Ok(2, answer: 1).Do(2, "read", answer: 2).Invoke(1, "read").Do(2, "read", answer: 1)
        .Ok(1, answer: 2).Do(1, "write", 3).Do(1, "read", answer: 3);

    [Fact]
    public void It_ends_with_the_first_completion_that_no_order_explains()
    {
        var part = StaleRead().Check("register").Failure.ShouldNotBeNull();
        part.Blocked.ShouldBe(new Operation
        {
            Process = 2,
            Function = "read",
            Outcome = Outcome.Ok,
            Answer = 1,
            InvokedAt = 12,
            CompletedAt = 13,
        });
        part.Operations.Select(operation => operation.InvokedAt).ShouldBe([1, 3, 5, 6, 9, 12]);
        part.Order.Select(operation => operation.InvokedAt).ShouldBe([1, 6, 5, 9]);
        part.State.ShouldBe("2");
    }

    [Fact]
    public void It_is_written_for_people() => StaleRead().Check("register").Failure!.ToString().ShouldBe(
        """
          the only key, register: no order explains its first 6 operations, up to line 13
            place  process  call     outcome  lines
            1      1        write 1  ok       1..2
            -      3        write 9  unknown  3..
            3      1        write 2  ok       5..7
            2      2        read     ok 1     6..8
            4      2        read     ok 2     9..10
            stuck  2        read     ok 1     12..13
          the longest order ends at place 4 with: 2
          process 2's read, ok 1, fits nowhere

        """);

    [Fact]
    public void A_long_one_is_cut_to_its_end()
    {
        var script = new HistoryScript();
        for (var round = 0; round < 500; round++)
        {
            script.Do(1, "write", round);
        }
        var text = script.Do(2, "read", answer: 0).Check("register").Failure!.ToString();
        text.ShouldContain("441 operations before these are not shown\n");
        text.Split('\n').Length.ShouldBe(FailingPartText.MostOperations + 6);
    }

    [Fact]
    public void A_queue_out_of_order_is_stuck_at_the_dequeue_and_not_where_it_was_foreseen()
    {
        var part = new HistoryScript().Do(1, "enqueue", "a").Do(1, "enqueue", "b")
            .Do(1, "dequeue", answer: "b").Do(1, "dequeue", answer: "a").Check("queue").Failure!;
        part.Blocked.CompletedAt.ShouldBe(6);
        part.Order.Count.ShouldBe(2);
        part.State.ShouldBe("[\"a\", \"b\"]");
    }

    [Fact]
    public void The_drawing_has_a_bar_for_each_operation()
    {
        using var writer = new StringWriter();
        TimelineHtml.Write(writer, StaleRead().Check("register").Failure!);
        var page = writer.ToString();
        Count(page, "<rect ").ShouldBe(6);
        Count(page, "<g class=\"stuck\">").ShouldBe(1);
        Count(page, "<g class=\"unknown\">").ShouldBe(1);
        Count(page, "<g class=\"placed\">").ShouldBe(4);
        page.ShouldContain("<title>#3 write 2 → ok, process 1, lines 5..7</title>");
        page.ShouldContain(">process 3</text>");
        page.ShouldNotContain("not drawn");
        page.ShouldEndWith("</html>\n");
    }

    /// <summary>Also one that nothing else happens beside: what is stuck is to be read at a glance.</summary>
    [Fact]
    public void Every_bar_is_as_wide_as_its_label_and_bars_of_one_process_do_not_meet()
    {
        using var writer = new StringWriter();
        TimelineHtml.Write(writer, StaleRead().Do(2, "read", answer: new string('x', 200))
            .Check("register").Failure!);

        var rows = new Dictionary<string, int>();
        foreach (Match bar in Bar().Matches(writer.ToString()))
        {
            var (x, y, width) = (Number(bar.Groups[1]), bar.Groups[2].Value, Number(bar.Groups[3]));
            width.ShouldBeGreaterThan(WebUtility.HtmlDecode(bar.Groups[4].Value).Length * 6, bar.Value);
            x.ShouldBeGreaterThan(rows.GetValueOrDefault(y), bar.Value);
            rows[y] = x + width;
        }
        rows.Count.ShouldBe(3);
    }

    [Fact]
    public void A_long_drawing_says_how_much_is_left_out()
    {
        var script = new HistoryScript();
        for (var round = 0; round < TimelineHtml.MostOperations; round++)
        {
            script.Do(1, "write", round);
        }
        using var writer = new StringWriter();
        TimelineHtml.Write(writer, script.Do(2, "read", answer: 0).Check("register").Failure!);
        writer.ToString().ShouldContain("Earlier operations that are not drawn: 1.");
    }

    [Fact]
    public void What_a_history_holds_is_text_on_the_page()
    {
        using var writer = new StringWriter();
        TimelineHtml.Write(writer, new HistoryScript()
            .Do(1, "write", "<script>", key: "<b>").Do(1, "read", answer: "</svg>", key: "<b>")
            .Check("register").Failure!);
        var page = writer.ToString();
        page.ShouldNotContain("<script>");
        page.ShouldNotContain("<b>\"");
        page.ShouldContain("&lt;script&gt;");
    }

    [GeneratedRegex("<rect x=\"(\\d+)\" y=\"(\\d+)\" width=\"(\\d+)\"[^>]*><text[^>]*>([^<]*)<")]
    private static partial Regex Bar();

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}

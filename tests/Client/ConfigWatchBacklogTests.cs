namespace Muster.Client.Tests;

/// <summary>What waits for a reader that is held up.</summary>
public class ConfigWatchBacklogTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Text(ConfigChange change) => $"{change.Key}={change.Value ?? "gone"}";

    [Fact]
    public async Task Keys_that_came_and_went_unread_are_not_told()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("there", "x");
        await using var watch = new Reader<ConfigChange>(test.Config.WatchAsync("", Cancellation));
        Text(await watch.NextAsync()).ShouldBe("there=x");

        for (var number = 0; number < 1_000; number++)
        {
            test.Registry.Write($"k{number}", "x");
            test.Registry.Write($"k{number}", "y");
            test.Registry.Write($"k{number}", null);
        }
        test.Registry.Write("k7", "again");
        test.Registry.Write("marker", "x");

        (await watch.NextAsync(2)).Select(Text).ShouldBe(["k7=again", "marker=x"]);
    }

    [Fact]
    public async Task The_end_of_a_key_that_was_told_is_told_whatever_became_of_it_meanwhile()
    {
        await using var test = new ClientUnderTest();
        test.Registry.Write("there", "x");
        await using var watch = new Reader<ConfigChange>(test.Config.WatchAsync("", Cancellation));
        Text(await watch.NextAsync()).ShouldBe("there=x");

        test.Registry.Write("there", null);
        test.Registry.Write("there", "y");
        test.Registry.Write("there", null);
        Text(await watch.NextAsync()).ShouldBe("there=gone");

        test.Registry.Write("there", "z"); // new once more, to who was told that it is gone
        test.Registry.Write("there", null);
        test.Registry.Write("marker", "x");
        Text(await watch.NextAsync()).ShouldBe("marker=x");
    }
}

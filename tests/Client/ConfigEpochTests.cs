namespace Muster.Client.Tests;

/// <summary>The registry's group is founded anew under a living client, and counts anew.</summary>
public sealed class ConfigEpochTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_that_came_ahead_in_a_former_life_hides_none_of_the_next()
    {
        await using var test = new ClientUnderTest();
        await using var first = Watch(test);
        first.ShouldBeQuiet();
        test.Registry.DeliversEvents = false;
        for (var write = 0; write < 20; write++)
        {
            test.Registry.Write("other", $"{write}");
        }
        test.Link.Deliver(test.Registry.Write("k", "ahead"));
        (await first.NextAsync()).Value.ShouldBe("ahead");
        test.Link.GoDown();
        test.Registry.FoundAnew("k", "of the next life");
        // Its list is the first to tell of that life.
        await using var second = Watch(test);
        second.ShouldBeQuiet();
        test.Link.GoUp();
        (await second.NextAsync()).Value.ShouldBe("of the next life");
        test.Pass(1);

        test.Registry.DeliversEvents = true;
        test.Registry.Write("k", "changed");

        await ToldAsync(first, "changed");
        await ToldAsync(second, "changed");
    }

    private static Reader<ConfigChange> Watch(ClientUnderTest test) =>
        new(test.Config.WatchAsync("", Cancellation));

    private static async Task ToldAsync(Reader<ConfigChange> watch, string value)
    {
        while ((await watch.NextAsync()).Value != value)
        {
            // What it was told of the life's beginning.
        }
    }
}

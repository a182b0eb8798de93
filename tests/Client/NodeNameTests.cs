using Microsoft.Extensions.Logging;
using Muster.Contracts.Detector;
using Muster.Contracts.Recovery;

namespace Muster.Client.Tests;

public class NodeNameTests
{
    [Fact]
    public async Task Clients_of_one_process_are_nodes_of_their_own_unless_they_are_named_alike()
    {
        var cluster = $"c{Guid.NewGuid():N}"[..24];
        await using var first = Unnamed(cluster);
        await using var second = Unnamed(cluster);
        var third = Unnamed(cluster);
        await using var elsewhere = Unnamed(cluster + "x");

        var name = await NodeOfAsync(first);
        name.ShouldContain($".{Environment.ProcessId}.");
        (await NodeOfAsync(second)).ShouldBe(name + ".2");
        (await NodeOfAsync(third)).ShouldBe(name + ".3");
        (await NodeOfAsync(elsewhere)).ShouldBe(name);

        await third.DisposeAsync().Soon();
        await using var next = Unnamed(cluster);
        (await NodeOfAsync(next)).ShouldBe(name + ".3", "a name is free again when its client has gone");
    }

    [Theory]
    [InlineData("web-10", "web-10")]
    [InlineData("web-1-0", "web-1-0")]
    [InlineData("a_b.example", "a_b.example")]
    [InlineData("Büro 7", "Bro7")]
    public void A_default_name_is_the_machines_the_process_id_and_something_random(
        string machine, string begins)
    {
        using var first = NodeName.Take($"c{Guid.NewGuid():N}"[..24], "", machine);
        using var longer = NodeName.Take($"c{Guid.NewGuid():N}"[..24], "", machine + new string('x', 200));

        first.Value.ShouldMatch($@"^{begins}\.{Environment.ProcessId}\.[0-9a-f]{{8}}$");
        longer.Value.Length.ShouldBeLessThan(100);
        var options = new MusterOptions { Node = first.Value };
        new MusterOptionsValidator(isBusRequired: false).Validate(null, options).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public async Task Options_that_are_used_for_two_clients_name_two_nodes()
    {
        var options = new MusterOptions { Cluster = $"c{Guid.NewGuid():N}"[..24] };
        var links = new FakeLinks();
        var heard = new List<string>();
        links.OnPublish = (_, published) =>
        {
            if (published.Message is Heartbeat beat)
            {
                heard.Add(beat.Node);
            }
        };
        await using var one = new MusterClient(options, links, new TwoClocks());
        await using var other = new MusterClient(options, links, new TwoClocks());
        await one.ConnectAsync(TestContext.Current.CancellationToken).Soon();
        await other.ConnectAsync(TestContext.Current.CancellationToken).Soon();
        heard.Distinct().Count().ShouldBe(2);
        options.Node.ShouldBe("");
    }

    [Fact]
    public async Task Two_clients_that_are_named_alike_are_complained_of_once_if_they_beat()
    {
        var log = new ErrorLog();
        var options = new MusterOptions { Cluster = $"c{Guid.NewGuid():N}"[..24], Node = "orders" };
        var links = new FakeLinks();
        await using var one = new MusterClient(options, links, new TwoClocks(), log);
        log.Lines.ShouldBeEmpty();
        await using var other = new MusterClient(options, links, new TwoClocks(), log);
        log.Lines.ShouldHaveSingleItem().ShouldContain("call themselves orders");
        options.HeartbeatInterval = TimeSpan.Zero;
        await using var silent = new MusterClient(options, links, new TwoClocks(), log);
        log.Lines.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_member_is_named_by_its_client()
    {
        await using var test = Unnamed($"c{Guid.NewGuid():N}"[..24]);
        await using var other = Unnamed("x");
        await test.Standbys.JoinAsync(
            new() { Group = "g", OnPromoted = (_, _) => Task.CompletedTask },
            TestContext.Current.CancellationToken).Soon();
        var node = test.Service.Heartbeats[0].Node;
        test.Link.Published.Select(published => published.Message).OfType<RecoveryCommandBatch>()
            .SelectMany(batch => batch.Commands).Select(command => command.RegisterStandby)
            .OfType<RegisterStandby>()
            .ShouldAllBe(register => register.Node == node && register.Member == node);
    }

    private static ClientUnderTest Unnamed(string cluster) => new(options =>
    {
        (options.Cluster, options.Node) = (cluster, "");
        options.HeartbeatInterval = TimeSpan.FromSeconds(1);
    });

    private static async Task<string> NodeOfAsync(ClientUnderTest test)
    {
        await test.Client.ConnectAsync(TestContext.Current.CancellationToken).Soon();
        return test.Service.Heartbeats[0].Node;
    }

    private sealed class ErrorLog : ILogger<MusterClient>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Add(formatter(state, exception));
            }
        }
    }
}

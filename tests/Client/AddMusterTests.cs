using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Muster.Contracts.Registry;
using Muster.Views;

namespace Muster.Client.Tests;

public class AddMusterTests
{
    [Fact]
    public async Task The_client_works_from_the_container_over_given_links()
    {
        var links = new FakeLinks();
        var service = new LockServiceDouble(links);
        await using var provider = new ServiceCollection()
            .AddMuster(links, options => options.Owner = "container")
            .BuildServiceProvider();
        var locks = provider.GetRequiredService<ILocks>();

        await using (await locks.AcquireAsync("a", cancellationToken: TestContext.Current.CancellationToken))
        {
            service.Opens.Single().Owner.ShouldBe("container");
        }

        provider.GetRequiredService<IMuster>().ShouldBeSameAs(provider.GetRequiredService<MusterClient>());
        provider.GetRequiredService<IMuster>().Locks.ShouldBeSameAs(locks);
    }

    [Fact]
    public async Task Every_part_comes_from_the_container_and_views_too()
    {
        var views = new ViewsDouble();
        views.Store(new ServiceView { Service = "a", Epoch = 1 });
        await using var provider = new ServiceCollection()
            .AddSingleton<IServiceViews>(views)
            .AddMuster(new FakeLinks())
            .BuildServiceProvider();
        var muster = provider.GetRequiredService<IMuster>();

        var resolved = await muster.Services.ResolveAsync("a", null, TestContext.Current.CancellationToken);

        resolved.Source.ShouldBe(ResolveSource.Redis);
        provider.GetRequiredService<IServices>().ShouldBeSameAs(muster.Services);
        provider.GetRequiredService<IConfig>().ShouldBeSameAs(muster.Config);
        provider.GetRequiredService<IElections>().ShouldBeSameAs(muster.Elections);
        provider.GetRequiredService<IStandbys>().ShouldBeSameAs(muster.Standbys);
        provider.GetRequiredService<IDecisions>().ShouldBeSameAs(muster.Decisions);
    }

    [Fact]
    public async Task Connecting_at_the_hosts_start_is_optional()
    {
        foreach (var connect in (bool[])[false, true])
        {
            var links = new FakeLinks();
            await using var provider = new ServiceCollection()
                .AddMuster(links, options => options.ConnectAtStart = connect)
                .BuildServiceProvider();

            var hosted = provider.GetServices<IHostedService>().Last();
            await hosted.StartAsync(TestContext.Current.CancellationToken);

            links.Created.ShouldBe(connect ? 1 : 0);
        }
    }

    public static TheoryData<Action<MusterOptions>, string> BadOptions => new()
    {
        { options => options.Bus = null, "Bus must be an amqp:// or amqps:// address; it is nothing." },
        { options => options.Bus = new Uri("http://u:secret@h"), "or amqps:// address; it is http." },
        { options => options.Cluster = " ",
            "Cluster must be 1 to 32 of a-z, 0-9 and hyphen, starting with a letter; it is ' '." },
        { options => options.Cluster = "Blue", "it is 'Blue'." },
        { options => options.Cluster = "blue.green", "it is 'blue.green'." },
        { options => options.Cluster = "blue\n", "it is 'blue\n'." },
        { options => options.Cluster = new('b', 33), "Cluster must be 1 to 32" },
        { options => options.Owner = new string('x', 257), "at most 256 characters; it has 257." },
        { options => options.SessionTtl = TimeSpan.FromMilliseconds(999), "it is 00:00:00.9990000." },
        { options => options.CallTimeout = TimeSpan.FromMinutes(6), "to 00:05:00; it is 00:06:00." },
        { options => options.Node = "a b", "dots, hyphens or underscores; it is 'a b'." },
        {
            options => options.HeartbeatInterval = TimeSpan.FromTicks(1),
            "to 00:01:00; it is 00:00:00.0000001."
        },
        { options => options.Redis = ",", "no configuration string of StackExchange.Redis" },
        { options => options.MaxOpenCommands = 4_001, "MaxOpenCommands must be from 1 to 4000; it is 4001." },
        { options => options.MaxWaitingCalls = 0, "MaxWaitingCalls must be at least 1; it is 0." },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public async Task Bad_options_are_refused_with_their_values(Action<MusterOptions> spoil, string message)
    {
        await using var provider = new ServiceCollection().AddMuster(options =>
        {
            options.Bus = new Uri("amqp://localhost");
            spoil(options);
        }).BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IMuster>())
            .Message.ShouldContain(message);
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Muster.Client.Tests.Elected;

public class AddLeaderElectedServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static IHost Build(FakeLinks links, Action<IServiceCollection> configure)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMuster(links).AddSingleton<ElectedWork>();
        configure(builder.Services);
        return builder.Build();
    }

    [Fact]
    public async Task One_line_runs_it_and_the_hosts_stop_hands_over_without_a_wait()
    {
        var links = new FakeLinks();
        var service = new LockServiceDouble(links);
        using var one = Build(links, services => services.AddLeaderElectedService<Reports>("reports"));
        using var two = Build(links, services => services.AddLeaderElectedService<Reports>("reports"));
        await one.StartAsync(Cancellation);
        var first = await one.Services.GetRequiredService<ElectedWork>().RunAsync(1);
        await two.StartAsync(Cancellation);
        await service.SeesAsync(command => command.Campaign is not null, 2);
        two.Services.GetRequiredService<ElectedWork>().Runs.ShouldBeEmpty();

        await one.StopAsync(Cancellation).Soon();

        var second = await two.Services.GetRequiredService<ElectedWork>().RunAsync(1);
        second.Token.ShouldBeGreaterThan(first.Token);
        first.HasEnded.ShouldBeTrue();
        await two.StopAsync(Cancellation).Soon();
    }

    [Fact]
    public async Task Each_leadership_has_a_service_and_a_scope_of_its_own()
    {
        var links = new FakeLinks();
        _ = new LockServiceDouble(links);
        using var host = Build(links, services => services
            .AddScoped<Connection>()
            .AddLeaderElectedService<Reports>(
                "a", options => options.RestartDelay = TimeSpan.FromMilliseconds(10))
            .AddLeaderElectedService<Reports>("b"));
        await host.StartAsync(Cancellation);
        var work = host.Services.GetRequiredService<ElectedWork>();
        await work.RunAsync(2);
        Reports.Connections.Count(connection => !connection.IsDisposed).ShouldBe(2);

        work.Runs.Single(run => run.Leader.Election == "a").End.SetResult();
        await work.RunAsync(3);

        Reports.Connections.Count.ShouldBe(3);
        Reports.Connections.Count(connection => connection.IsDisposed).ShouldBe(1);
        await host.StopAsync(Cancellation).Soon();
        Reports.Connections.ShouldAllBe(connection => connection.IsDisposed);
    }

    [Fact]
    public void An_election_has_one_service_and_a_proper_name()
    {
        var services = new ServiceCollection().AddLeaderElectedService<Reports>("a");

        Should.Throw<InvalidOperationException>(() => services.AddLeaderElectedService<Reports>("a"))
            .Message.ShouldContain("a has a service");
        Should.Throw<ArgumentException>(() => services.AddLeaderElectedService<Reports>("a\n"));
    }

    [Fact]
    public async Task Bad_options_stop_the_host_at_its_start()
    {
        using var host = Build(new FakeLinks(), services => services
            .AddLeaderElectedService<Reports>("fine")
            .AddLeaderElectedService<Reports>("r", options => options.StopTimeout = TimeSpan.Zero));

        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(Cancellation)))
            .Message.ShouldStartWith("Election r: StopTimeout must be");
    }

    internal sealed class Connection : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    internal sealed class Reports(ElectedWork work, IServiceProvider scope) : ILeaderElectedService
    {
        public static List<Connection> Connections { get; } = [];

        public Task ExecuteAsync(LeaderContext leader, CancellationToken stopping)
        {
            if (scope.GetService<Connection>() is { } connection)
            {
                lock (Connections)
                {
                    Connections.Add(connection);
                }
            }
            return work.ExecuteAsync(leader, stopping);
        }
    }
}

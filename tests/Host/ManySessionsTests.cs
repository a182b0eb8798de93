using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Muster.Broker;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Detector;
using Muster.Host.Embedded;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>A heartbeat that names more than a machine renews at a time loses none of it.</summary>
public sealed class ManySessionsTests
{
    private const int Many = 2_500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Every_session_and_lease_of_a_large_heartbeat_is_answered()
    {
        using var host = EmbeddedHost.Build(
            Scratch.NewFolder("many"), ["--Health:Url=http://127.0.0.1:0"], LogLevel.Warning);
        await host.StartAsync(TestContext.Current.CancellationToken);
        var (sessions, leases) =
            (new ConcurrentDictionary<string, bool>(), new ConcurrentDictionary<string, bool>());
        var links = host.Services.GetRequiredService<ILinkFactory>();
        var exchange = links.Names.Exchange(typeof(Heartbeat));
        await using var link = links.Create(new()
        {
            Address = "many",
            OnMessage = message =>
            {
                var answered = message.Read<HeartbeatAnswered>();
                answered.Sessions.ToList().ForEach(session => sessions[session.SessionId] = true);
                answered.Leases.ToList().ForEach(lease => leases[lease.LeaseId] = true);
            },
            Publishes = [exchange],
        });
        await link.StartAsync(TestContext.Current.CancellationToken);

        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (sessions.Count < Many || leases.Count < Many)
        {
            link.Publish(exchange, new Heartbeat
            {
                Node = "many",
                Sessions = [.. Enumerable.Range(0, Many).Select(number => $"s{number}")],
                Leases = [.. Enumerable.Range(0, Many).Select(number => $"l{number}")],
                ReplyTo = ReplyAddress.Inbox("many"),
            });
            await Task.Delay(Again, TimeProvider.System, limit.Token);
        }

        (sessions.Count, leases.Count).ShouldBe((Many, Many));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }
}

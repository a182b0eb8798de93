using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Broker;
using Muster.Bus;
using Muster.Client;
using Muster.Host.Embedded;
using Muster.Host.Tests.Decisions;
using Muster.Hosting;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>What the embedded host does with the settings of the services that it runs.</summary>
public sealed class EmbeddedSettingsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Redis:Connection", "127.0.0.1")]
    [InlineData("Node:Heartbeat", "00:00:01")]
    [InlineData("Consensus:Node", "n9")]
    [InlineData("Consensus:Members:0", "n9", "Consensus:Members")]
    [InlineData("Consensus:DataFolder", "elsewhere")]
    [InlineData("Consensus:OpenGroups:0", "lock", "Consensus:OpenGroups")]
    [InlineData("Lock:Replica", "c")]
    [InlineData("Lock:HistoryFolder", "elsewhere")]
    [InlineData("Recovery:BackupFolder", "elsewhere")]
    [InlineData("Recovery:LockGroups", "4")]
    [InlineData("Registry:ClusterId", "other")]
    [InlineData("Detector:Instance", "d9")]
    public void What_it_decides_itself_is_refused(string name, string value, string? named = null) =>
        Refusal(name, value).ShouldStartWith($"{named ?? name} is not for the embedded host");

    [Theory]
    [InlineData("Lock:CommandWindw", "00:10:00", "CommandWindw")]
    [InlineData("Consensus:Raft:Heartbeet", "00:00:01", "Heartbeet")]
    [InlineData("Decisions:MaxKey", "1", "MaxKey")]
    [InlineData("Consensus:LockGroups", "0", "Consensus:LockGroups is 0: 1 to 32.")]
    [InlineData("Registry:ViewTtl", "soon", "Registry:ViewTtl")]
    [InlineData("Registry:ViewTtl", "00:00:01", "Registry:ViewTtl is 00:00:01: 5 s to 1 h.")]
    [InlineData("Recovery:MaxGroups", "0", "Recovery:MaxGroups is 0: 1 to 10000.")]
    [InlineData("Detector:Threshold", "0", "Detector:Threshold is 0: 1 to 300.")]
    public void What_is_wrong_or_misspelled_is_refused(string name, string value, string told) =>
        Refusal(name, value).ShouldContain(told);

    [Fact]
    public async Task What_is_left_counts_as_in_a_process_of_the_service()
    {
        using var host = Build("--Decisions:MaxKeys=1");
        await host.StartAsync(Cancelled);
        await NodesOfOneProcess.UntilAsync(
            () => host.Services.GetServices<IHealthSource>().All(source => source.IsReady),
            () => "all are ready");
        await using (var client = new MusterClient(
            new() { Owner = "ann" }, host.Services.GetRequiredService<ILinkFactory>()))
        {
            await client.Decisions.ProposeAsync("first", "1", cancellationToken: Cancelled);

            await Should.ThrowAsync<MusterRefusedException>(
                () => client.Decisions.ProposeAsync("second", "2", cancellationToken: Cancelled));
        }
        await host.StopAsync(CancellationToken.None);
    }

    [Fact]
    public void A_broker_on_its_command_line_is_what_its_services_use()
    {
        using var host = Build("--Bus:Uri=amqp://guest:guest@127.0.0.1:1/", "--Bus:Cluster=team-a");

        host.Services.GetRequiredService<ILinkFactory>()
            .ShouldBeOfType<RabbitLinkFactory>().Names.Cluster.ShouldBe("team-a");
        host.Services.GetRequiredService<IBus>().Address.Scheme.ShouldBe("rabbitmq");
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://127.0.0.1/")]
    public async Task A_broker_that_is_none_is_refused(string address)
    {
        using var host = Build($"--Bus:Uri={address}");

        (await Should.ThrowAsync<OptionsValidationException>(() => host.StartAsync(Cancelled)))
            .Message.ShouldStartWith("Bus:Uri is ");
    }

    private static string Refusal(string name, string value) =>
        Should.Throw<StartRefusedException>(() => Build($"--{name}={value}")).Message;

    private static IHost Build(params string[] arguments) => EmbeddedHost.Build(
        Scratch.NewFolder("settings"), ["--Health:Url=http://127.0.0.1:0", .. arguments], LogLevel.None);
}

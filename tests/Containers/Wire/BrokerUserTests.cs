using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Wire;

/// <summary>The stack's broker users on a real broker: all that they need, and nothing of others'.</summary>
public sealed class BrokerUserTests(BrokerFixture brokers)
{
    private const string Host = "services/Host/Muster.Host.csproj";
    private const int AccessRefused = 403;

    [Fact]
    public async Task Everything_works_under_the_stacks_users_and_an_application_can_accuse_nobody()
    {
        var broker = await brokers.StartOwnAsync(new BrokerOptions());
        await (await BrokerUsers.ReadAsync()).CreateAsync(broker);
        await using var cluster = await MusterCluster.StartAsync(
            broker, BusNames.DefaultCluster,
            new() { HasOwnUsers = true, Registries = 1, Detectors = 1, Recoveries = 1 });

        // Locks, elections, discovery, detection and recovery, as an application.
        await using var demo = ServiceProcess.Start(ServiceProcessOptions.Service(
            Host, "demo", "demo", RepositoryRoot.Path, "--attach",
            "--bus", cluster.ApplicationUri.ToString()));
        (await demo.ExitAsync(TimeSpan.FromMinutes(3))).ShouldBe(0, demo.Output());
        demo.Output().ShouldContain("The audit passed.");

        await using (var bare = await BareClient.ConnectAsync(cluster))
        {
            (await bare.AskAsync(new DescribeLock { CommandId = "d1", Name = "x" })).Type
                .ShouldBe(BusJson.TypeName(typeof(LockDescription)));
            await GarbageUnderItsUsersNameIsMovedAsync(bare, cluster);
        }
        foreach (var foreign in new[]
            { typeof(NodeFailed), typeof(NodeRestored), typeof(LockGranted), typeof(Restore) })
        {
            await RefusesAsync(cluster, foreign);
        }
        foreach (var service in cluster.Services)
        {
            (await service.IsReadyAsync()).ShouldBeTrue(service.Name);
            service.Process.Output().ShouldNotContain("ACCESS_REFUSED");
        }
    }

    /// <summary>The broker takes a message only under the name of who publishes it.</summary>
    private static async Task GarbageUnderItsUsersNameIsMovedAsync(BareClient bare, MusterCluster cluster)
    {
        await bare.Channel.BasicPublishAsync(
            cluster.Links.Names.Exchange(typeof(AcquireLock)), "", mandatory: true,
            new BasicProperties { UserId = cluster.ApplicationUri.UserInfo.Split(':')[0] }, "["u8.ToArray());

        await using var everybody = await BareClient.ConnectAsync(cluster.Broker.Uri, cluster.Links.Names);
        (await everybody.TakeAsync("muster-lock_error")).ShouldBe("["u8.ToArray());
    }

    private static async Task RefusesAsync(MusterCluster cluster, Type contract)
    {
        await using var bare = await BareClient.ConnectAsync(cluster);
        var refused = await Should.ThrowAsync<AlreadyClosedException>(
            () => bare.PublishAsync(contract, "{}", "accusation"));
        refused.ShutdownReason!.ReplyCode.ShouldBe((ushort)AccessRefused);
    }
}

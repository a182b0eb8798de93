using MassTransit;
using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Wire;

/// <summary>A MassTransit user: the same contracts in its envelope, through a request client.</summary>
public sealed class EnvelopeTests(BrokerFixture brokers, SharedCluster shared)
{
    private const string Name = "envelope/lock";

    [Fact]
    public async Task A_request_client_opens_a_session_and_takes_waits_for_and_releases_a_lock()
    {
        var cluster = await shared.WholeAsync(brokers);
        var bus = CreateBus(cluster);
        await bus.StartAsync(TestContext.Current.CancellationToken);
        try
        {
            var session = $"envelope-{Guid.NewGuid():N}";
            var opened = await AskAsync<OpenSession, SessionOpened>(
                bus, new() { CommandId = "e1", SessionId = session });
            opened.TtlMilliseconds.ShouldBe(15_000);
            var acquire = new AcquireLock { SessionId = session, Name = Name };
            var granted = await AskAsync<AcquireLock, LockGranted>(bus, acquire with { CommandId = "e2" });
            var refused = await AskAsync<AcquireLock, LockRefused>(bus, acquire with { CommandId = "e3" });
            refused.Reason.ShouldBe(LockRefusal.LockBusy);
            var queued = await AskAsync<AcquireLock, LockQueued>(
                bus, acquire with { CommandId = "e4", WaitMilliseconds = 30_000 });
            queued.Ahead.ShouldBe(0);
            var released = await AskAsync<ReleaseLock, LockReleased>(bus, new()
            {
                CommandId = "e5",
                SessionId = session,
                Name = Name,
                AcquireId = "e2",
                FencingToken = granted.FencingToken,
            });
            released.AcquireId.ShouldBe("e2");
            var description = await AskAsync<DescribeLock, LockDescription>(
                bus, new() { CommandId = "e6", Name = Name });
            description.Holders.ShouldHaveSingleItem().AcquireId.ShouldBe("e4");
            await AskAsync<CloseSession, SessionClosed>(bus, new() { CommandId = "e7", SessionId = session });
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<TAnswer> AskAsync<TCommand, TAnswer>(IBus bus, TCommand command)
        where TCommand : class
        where TAnswer : class =>
        (await bus.CreateRequestClient<TCommand>().GetResponse<TAnswer>(
            command, timeout: MusterCluster.Patience)).Message;

    private static IBusControl CreateBus(MusterCluster cluster) =>
        MassTransit.Bus.Factory.CreateUsingRabbitMq(configure =>
        {
            configure.MessageTopology.SetEntityNameFormatter(new ClusterNames(cluster.Links.Names));
            var uri = cluster.Broker.Uri;
            var user = uri.UserInfo.Split(':');
            var virtualHost = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
            configure.Host(uri.Host, (ushort)uri.Port, virtualHost.Length == 0 ? "/" : virtualHost, host =>
            {
                host.Username(user[0]);
                host.Password(user[1]);
            });
        });

    /// <summary>
    /// The default cluster's names are MassTransit's own; another cluster's have its prefix.
    /// </summary>
    private sealed class ClusterNames(BusNames names) : IEntityNameFormatter
    {
        public string FormatEntityName<T>() => names.Exchange(typeof(T));
    }
}

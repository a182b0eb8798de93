using System.Text.RegularExpressions;
using MassTransit;
using Muster.Broker;
using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Contracts.Decisions;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Muster.Contracts.Recovery;
using Muster.Contracts.Registry;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>
/// The rights of the stack's users against the contracts as they are: nobody writes another's, and nobody
/// lacks its own.
/// </summary>
public abstract class BrokerRightsTests(string cluster)
{
    private readonly BusNames _names = new(cluster);

    private static readonly IReadOnlyList<Type> Contracts =
    [
        .. typeof(AcquireLock).Assembly.GetExportedTypes()
            .Where(type => BusJson.IsContract(BusJson.TypeName(type))),
    ];

    /// <summary>What the services' endpoints and links take.</summary>
    private static IEnumerable<Type> Commands =>
    [
        typeof(LockCommandBatch), typeof(RegistryCommandBatch), typeof(RecoveryCommandBatch),
        typeof(DecisionCommandBatch), typeof(Heartbeat), typeof(RefuseEntry), .. new[]
        {
            typeof(Lock.Consumers.LockCommandConsumer), typeof(Registry.Consumers.RegistryCommandConsumer),
            typeof(Recovery.Consumers.RecoveryCommandConsumer),
            typeof(Detector.Consumers.DetectorQueryConsumer), typeof(Consensus.Transport.ConsensusConsumer),
            typeof(Muster.Decisions.Consumers.DecisionCommandConsumer),
        }.SelectMany(ConsumedBy),
    ];

    private static readonly IReadOnlyList<Type> Operators =
    [
        typeof(BackupNow), typeof(ListBackups), typeof(Restore), typeof(TransferLeadership),
        typeof(ChangeMembers), typeof(RefuseEntry),
    ];

    [Fact]
    public async Task An_application_writes_every_command_but_the_operators_and_no_event()
    {
        (await WritesAsync("app")).ShouldBe(Sorted(Commands.Except(Operators)));
    }

    [Theory]
    [InlineData("muster-consensus", typeof(LeaderElected), typeof(MembersChanged),
        typeof(ValueDecided), typeof(DecisionEventsHead))]
    [InlineData("muster-lock", typeof(LockGranted), typeof(LockQueued), typeof(LockReleased),
        typeof(LockLost), typeof(SessionExpired), typeof(LeaderChanged), typeof(LockEventsHead))]
    [InlineData("muster-registry", typeof(InstanceRegistered), typeof(InstanceChanged),
        typeof(InstanceRemoved), typeof(ConfigChanged), typeof(RegistryEventsHead))]
    [InlineData("muster-detector", typeof(NodeSuspected), typeof(NodeFailed), typeof(NodeRestored),
        typeof(NodeLeft), typeof(DetectorEventsHead))]
    [InlineData("muster-recovery", typeof(RecoveryStarted), typeof(StandbyPromoted),
        typeof(RecoveryCompleted), typeof(RecoveryFailed), typeof(StateUpdated), typeof(GroupRemoved),
        typeof(BackupCompleted), typeof(RestoreCompleted), typeof(RecoveryEventsHead),
        typeof(LockCommandBatch))]
    public async Task A_service_writes_heartbeats_and_its_own_events_alone(string user, params Type[] own)
    {
        (await WritesAsync(user)).ShouldBe(Sorted([.. own, typeof(Heartbeat)]));
    }

    [Fact]
    public async Task Only_consensus_writes_what_is_committed_and_only_services_to_inboxes()
    {
        var rights = (await BrokerUsers.ReadAsync(cluster)).Rights;

        rights.Where(user => Matches(user.Value.Write, _names.Committed("lock"))).Select(user => user.Key)
            .ShouldBe(["muster-consensus"]);
        rights.Where(user => !Matches(user.Value.Write, _names.InboxExchange)).Select(user => user.Key)
            .ShouldBe(["app"]);
        Matches(rights["app"].Write, "amq.default").ShouldBeFalse();
        var lockVerdicts = _names.Queue("muster-lock-verdicts");
        foreach (var verdicts in new[] { _names.Queue("muster-recovery-verdicts"), lockVerdicts })
        {
            rights.Values.ShouldAllBe(user => !Matches(user.Write, verdicts) || Matches(user.Read, verdicts));
            Matches(rights["app"].Write, verdicts).ShouldBeFalse();
        }
        Matches(rights["muster-lock"].Read, lockVerdicts).ShouldBeTrue();
        Matches(rights["muster-lock"].Read, _names.Exchange(typeof(NodeFailed))).ShouldBeTrue();
    }

    [Fact]
    public async Task Everybody_writes_beats_and_only_services_hear_them()
    {
        var rights = (await BrokerUsers.ReadAsync(cluster)).Rights;

        rights.Values.ShouldAllBe(user =>
            Matches(user.Write, _names.NodeBeats) && Matches(user.Configure, _names.NodeBeats));
        rights.Where(user => !Matches(user.Value.Read, _names.NodeBeats)).Select(user => user.Key)
            .ShouldBe(["app"]);
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("lock-1")]
    [InlineData("lock-31")]
    public async Task The_lock_service_alone_has_the_queues_and_inboxes_of_every_lock_group(string group)
    {
        var rights = (await BrokerUsers.ReadAsync(cluster)).Rights;

        // An inbox is exclusive and has a random part: no cluster is in its name.
        foreach (var queue in new[] { _names.Queue($"muster-state-{group}"), $"replica.{group}.a.1.x" })
        {
            rights.Where(user => Matches(user.Value.Configure, queue) && Matches(user.Value.Read, queue))
                .Select(user => user.Key).ShouldBe(["muster-lock"], queue);
        }
        Matches(rights["muster-lock"].Read, _names.Committed(group)).ShouldBeTrue();
    }

    private async Task<string[]> WritesAsync(string user)
    {
        var write = (await BrokerUsers.ReadAsync(cluster)).Rights[user].Write;
        return Sorted(Contracts.Where(contract => Matches(write, _names.Exchange(contract))));
    }

    [Fact]
    public async Task A_service_has_the_queue_and_the_faults_of_its_endpoint()
    {
        var locks = (await BrokerUsers.ReadAsync(cluster)).Rights["muster-lock"];

        foreach (var name in new[]
        {
            _names.Queue("muster-lock"), _names.Queue("muster-lock_error"),
            _names.Queue("MassTransit:Fault--Muster.Contracts.Lock:AcquireLock--"), "host_bus_abc123",
        })
        {
            new[] { locks.Configure, locks.Write, locks.Read }
                .ShouldAllBe(right => Matches(right, name), name);
        }
    }

    protected static bool Matches(string pattern, string name) =>
        Regex.IsMatch(name, pattern, RegexOptions.CultureInvariant);

    private static IEnumerable<Type> ConsumedBy(Type consumer) => consumer.GetInterfaces()
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
        .Select(type => type.GetGenericArguments()[0]);

    private static string[] Sorted(IEnumerable<Type> contracts) =>
        [.. contracts.Select(contract => BusJson.TypeName(contract)).Order(StringComparer.Ordinal)];
}

/// <summary>Whose names have no prefix.</summary>
public sealed class DefaultClusterRightsTests() : BrokerRightsTests(BusNames.DefaultCluster);

public sealed class OtherClusterRightsTests() : BrokerRightsTests("team-a")
{
    /// <summary>
    /// An application's inboxes are <c>client.*</c>, so that everything of such a cluster would be its.
    /// </summary>
    [Theory]
    [InlineData("client")]
    [InlineData("lock")]
    public async Task A_cluster_called_as_inboxes_are_gets_no_users(string cluster) =>
        (await Should.ThrowAsync<InvalidOperationException>(() => BrokerUsers.ReadAsync(cluster)))
            .Message.ShouldContain($"not called {cluster}");

    [Fact]
    public async Task Nobody_has_anything_of_the_default_cluster()
    {
        var names = new BusNames(BusNames.DefaultCluster);

        foreach (var user in (await BrokerUsers.ReadAsync("team-a")).Rights.Values)
        {
            foreach (var name in new[]
            {
                names.InboxExchange, names.NodeBeats, names.Exchange(typeof(AcquireLock)),
                names.Queue("muster-lock"),
            })
            {
                new[] { user.Configure, user.Write, user.Read }
                    .ShouldAllBe(right => !Matches(right, name), name);
            }
        }
    }
}

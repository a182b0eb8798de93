using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Faults;

/// <summary>
/// A lock replica that stands still for longer than the service remembers command ids. What it had in hand
/// was meanwhile done by another and forgotten: when it goes on, nothing but the age of what it has can stop
/// a second time.
/// </summary>
public sealed class PausedReplicaTests(BrokerFixture brokers)
{
    private const int Commands = 20;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(65);

    [Fact]
    public async Task A_replica_stopped_past_the_id_window_and_resumed_applies_nothing_twice()
    {
        var broker = await brokers.ControllableAsync();
        await using var cluster = await MusterCluster.StartAsync(broker, brokers.NewCluster(), new()
        {
            Lock = new Dictionary<string, string>
            {
                ["Lock__CommandWindow"] = Window.ToString(),
                ["Lock__CommandTimeout"] = "00:00:05",
            },
        });
        var (paused, other) = (cluster.Replicas[0], cluster.Replicas[1]);
        await using var bare = await BareClient.ConnectAsync(cluster);
        (await bare.AskAsync(
            new OpenSession { CommandId = "open", SessionId = bare.SessionId, TtlMilliseconds = 300_000 }))
            .Read<SessionOpened>();

        // Only the paused one consumes, so the broker hands it everything and it stands in its socket.
        await other.StopAsync();
        paused.Pause();
        for (var number = 0; number < Commands; number++)
        {
            await bare.PublishAsync(typeof(AcquireLock), BusJson.Write(Acquire(bare, number)), $"a{number}");
        }
        await UntilHandedOutAsync(cluster);
        await MusterCluster.StartAsync(other);
        // What its AMQP heartbeat would do in the end: the other gets the messages again, and does them.
        await CloseConnectionOfAsync(cluster, paused);
        for (var number = 0; number < Commands; number++)
        {
            var granted = (await bare.NextAsync($"a{number}")).Read<LockGranted>();
            (await bare.AskAsync(Release(bare, number, granted))).Read<LockReleased>();
        }
        await PassWindowAsync(bare);

        paused.Resume();
        await other.StopAsync();
        await PassDoubtAsync(bare);
        var events = (await bare.AskAsync(new ReadLockEvents { CommandId = "events" }))
            .Read<LockEventsRead>();
        events.IsFullView.ShouldBeFalse();
        var grants = events.Events.Select(one => one.LockGranted?.Name).OfType<string>().ToList();
        for (var number = 0; number < Commands; number++)
        {
            grants.Count(name => name == Name(number)).ShouldBe(1, $"grants of {Name(number)}");
            (await bare.AskAsync(new DescribeLock { CommandId = $"d{number}", Name = Name(number) }))
                .Read<LockDescription>().Holders.ShouldBeEmpty();
        }
    }

    private static string Name(int number) => $"paused/{number}";

    private static AcquireLock Acquire(BareClient bare, int number) =>
        new() { CommandId = $"a{number}", SessionId = bare.SessionId, Name = Name(number) };

    private static ReleaseLock Release(BareClient bare, int number, LockGranted granted) => new()
    {
        CommandId = $"r{number}",
        SessionId = bare.SessionId,
        Name = Name(number),
        AcquireId = $"a{number}",
        FencingToken = granted.FencingToken,
    };

    private static Task UntilHandedOutAsync(MusterCluster cluster)
    {
        var queue = cluster.Links.Names.Queue("muster-lock");
        var seen = "";
        return Until.TrueAsync(
            async () =>
            {
                seen = await cluster.Broker.RabbitmqctlAsync(
                    "--quiet", "list_queues", "--no-table-headers", "name", "messages_ready",
                    "messages_unacknowledged");
                return seen.Split('\n').Any(line => line.Split('\t') is [var name, "0", var unacknowledged]
                    && name == queue && unacknowledged.Trim() == $"{Commands}");
            },
            MusterCluster.Patience, () => $"{Commands} messages of {queue} handed out:\n{seen}");
    }

    /// <summary>
    /// Closes the connection of the service's endpoints, known by the process id it told the broker.
    /// </summary>
    private static async Task CloseConnectionOfAsync(MusterCluster cluster, Service service)
    {
        var lines = await cluster.Broker.RabbitmqctlAsync(
            "--quiet", "list_connections", "--no-table-headers", "pid", "connected_at", "client_properties");
        var endpoints = lines.Split('\n').Where(line =>
            line.Contains($"muster endpoints {cluster.Name}\"", StringComparison.Ordinal)
            && line.Contains($"\"{service.Process.Id}\"", StringComparison.Ordinal)).ToList();
        var pid = endpoints.ShouldHaveSingleItem(lines).Split('\t')[0];
        await cluster.Broker.RabbitmqctlAsync(
            "close_connection", pid, "the test stands in for the AMQP heartbeat");
    }

    /// <summary>
    /// Only the resumed replica takes this, after what it had in hand. At first it is unsure of all it is
    /// given and says so: the sender repeats the command under its id, as the contract says.
    /// </summary>
    private static Task PassDoubtAsync(BareClient bare)
    {
        var command = new OpenSession { CommandId = "after", SessionId = bare.SessionId + "-after" };
        BareAnswer? answer = null;
        return Until.TrueAsync(
            async () =>
                (answer = await bare.AskAsync(command)).Type == BusJson.TypeName(typeof(SessionOpened)),
            MusterCluster.Patience, () => $"the resumed replica does a command: {answer}");
    }

    /// <summary>Log time goes on with the ticks of a group that has deadlines; the session is one.</summary>
    private static async Task PassWindowAsync(BareClient bare)
    {
        var started = TimeProvider.System.GetTimestamp();
        const string Probe = "paused/clock";
        var held = (await bare.AskAsync(
            new AcquireLock { CommandId = "clock", SessionId = bare.SessionId, Name = Probe }))
            .Read<LockGranted>();
        LockDescription? description = null;
        await Until.TrueAsync(
            async () =>
            {
                var id = $"clock-{TimeProvider.System.GetTimestamp()}";
                var answer = await bare.AskAsync(new DescribeLock { CommandId = id, Name = Probe });
                if (answer.Type != BusJson.TypeName(typeof(LockDescription)))
                {
                    return false; // unknown, on a machine that is busy with more: it is asked again
                }
                description = answer.Read<LockDescription>();
                return description.Holders[0].HeldMilliseconds > Window.TotalMilliseconds * 1.2;
            },
            Window * 3, () => $"log time passes the window: {description}, token {held.FencingToken}");
        TimeProvider.System.GetElapsedTime(started).ShouldBeGreaterThan(Window);
    }
}

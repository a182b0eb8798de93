using System.Text;
using Muster.Broker;
using Muster.Bus;
using Muster.Cluster;
using Muster.Cluster.Wire;
using Muster.Contracts.Decisions;
using Muster.Contracts.Detector;
using Muster.Contracts.Lock;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests.Wire;

/// <summary>What contracts/README.md promises to a sender of bare JSON, over a real broker.</summary>
public sealed class BareJsonTests(BrokerFixture brokers, SharedCluster shared) : IAsyncLifetime
{
    private const string LockQueue = "muster-lock";

    private MusterCluster _cluster = null!;
    private BareClient _bare = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await shared.WholeAsync(brokers);
        _bare = await BareClient.ConnectAsync(_cluster);
    }

    public ValueTask DisposeAsync() => _bare.DisposeAsync();

    [Fact]
    public async Task Malformed_JSON_goes_to_the_error_queue_and_the_consumer_lives_on()
    {
        await _bare.PublishAsync(typeof(AcquireLock), "{\"commandId\":\"broken", "broken");

        Encoding.UTF8.GetString(await TakeErrorAsync()).ShouldBe("{\"commandId\":\"broken");
        await OpenAsync();
    }

    [Fact]
    public async Task A_payload_over_the_limit_goes_to_the_error_queue_and_the_consumer_lives_on()
    {
        var body = Encoding.UTF8.GetBytes(
            $"{{\"commandId\":\"big\",\"name\":\"{new string('x', 1024 * 1024)}\"}}");

        await _bare.PublishAsync(typeof(AcquireLock), body, "big");

        (await TakeErrorAsync()).Length.ShouldBe(body.Length);
        await OpenAsync();
    }

    [Fact]
    public async Task A_malformed_batch_and_heartbeat_go_to_their_error_queues_and_the_consumers_live_on()
    {
        await _bare.PublishAsync(typeof(LockCommandBatch), "[", "broken-batch");
        await _bare.PublishAsync(typeof(Heartbeat), "[", "broken-beat");

        (await _bare.TakeAsync("muster-lock-batches_error")).Length.ShouldBe(1);
        (await _bare.TakeAsync("muster-lock-heartbeats_error")).Length.ShouldBe(1);
        await OpenAsync();
        var beat = await _bare.AskAsync(
            new Heartbeat { Node = "bare", Incarnation = "1", Number = 1, Sessions = [_bare.SessionId] },
            "beat");
        beat.Read<HeartbeatAnswered>().Sessions.ShouldHaveSingleItem().Status.ShouldBe(RenewalStatus.Renewed);
    }

    /// <summary>
    /// MassTransit's own raw JSON would hand an OpenSession to every consumer of the endpoint: as a
    /// CloseSession it would end the session, as an AcquireLock be refused.
    /// </summary>
    [Fact]
    public async Task A_message_without_a_type_is_only_what_its_exchange_says()
    {
        await OpenAsync();

        await AcquireAsync("typed/by-exchange", Id("still-open"));

        _bare.Unclaimed().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_type_a_message_names_counts_and_not_its_exchange()
    {
        await OpenAsync();
        var body = BusJson.Write(new CloseSession { CommandId = Id("close"), SessionId = _bare.SessionId });

        await _bare.PublishAsync(typeof(OpenSession), body, "close", BusJson.TypeName(typeof(CloseSession)));

        (await _bare.NextAsync("close")).Read<SessionClosed>().SessionId.ShouldBe(_bare.SessionId);
        _bare.Unclaimed().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_type_that_is_no_contract_goes_to_the_error_queue()
    {
        await _bare.PublishAsync(
            typeof(OpenSession), "{\"sessionId\":\"other\"}", "foreign", "Some.Other:Type");

        Encoding.UTF8.GetString(await TakeErrorAsync()).ShouldContain("other");
        _bare.Unclaimed().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_without_an_id_takes_the_correlation_id_and_a_repeat_is_answered_alike()
    {
        await OpenAsync();
        var json = $"{{\"sessionId\":\"{_bare.SessionId}\",\"name\":\"repeated/by-id\"}}";

        await _bare.PublishAsync(typeof(AcquireLock), json, Id("once"));
        var first = (await _bare.NextAsync(Id("once"))).Read<LockGranted>();
        await _bare.PublishAsync(typeof(AcquireLock), json, Id("once"));
        var again = (await _bare.NextAsync(Id("once"))).Read<LockGranted>();

        first.CommandId.ShouldBe(Id("once"));
        again.FencingToken.ShouldBe(first.FencingToken);
    }

    [Fact]
    public async Task A_value_is_decided_once_and_a_repeat_is_answered_alike()
    {
        var key = Id("key");
        var first = await ProposeAsync("one", "one");
        var second = await ProposeAsync("two", "two");
        var again = await ProposeAsync("one", "one");

        (first.CommandId, first.IsOwn, first.Decision.Value).ShouldBe((Id("one"), true, "one"));
        (second.IsOwn, second.Decision).ShouldBe((false, first.Decision));
        (again.IsOwn, again.Decision).ShouldBe((true, first.Decision));

        async Task<ValueProposed> ProposeAsync(string id, string value)
        {
            await _bare.PublishAsync(
                typeof(ProposeValue), $$"""{"key":"{{key}}","value":"{{value}}"}""", Id(id));
            return (await _bare.NextAsync(Id(id))).Read<ValueProposed>();
        }
    }

    /// <summary>Unique in the cluster, which remembers the ids of other tests.</summary>
    private string Id(string command) => $"{_bare.SessionId}-{command}";

    private Task<byte[]> TakeErrorAsync() => _bare.TakeAsync(LockQueue + "_error");

    private async Task OpenAsync() =>
        (await _bare.AskAsync(new OpenSession { CommandId = Id("open"), SessionId = _bare.SessionId }))
        .Read<SessionOpened>().SessionId.ShouldBe(_bare.SessionId);

    private async Task AcquireAsync(string name, string commandId) =>
        (await _bare.AskAsync(
            new AcquireLock { CommandId = commandId, SessionId = _bare.SessionId, Name = name }))
        .Read<LockGranted>().Name.ShouldBe(name);
}

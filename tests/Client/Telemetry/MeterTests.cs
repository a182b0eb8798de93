using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Muster.Client.Tests.Telemetry;

[Collection(nameof(TelemetryCollection))]
public sealed class MeterTests : IDisposable
{
    // Clients of tests before may still end something: what is heard is of this cluster alone.
    private readonly string _cluster = $"m-{Guid.NewGuid():N}"[..12];
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, string Tags)> _heard = new();

    public MeterTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Muster.Client")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            Hear(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            Hear(instrument, value, tags));
        _listener.Start();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Calls_are_counted_with_their_time_by_operation_and_outcome()
    {
        await using var test = new ClientUnderTest(options => options.Cluster = _cluster);
        test.Service.Table.HoldByOther("held");

        await (await test.Acquire("a").Soon()).DisposeAsync();
        var waiting = test.TryAcquire("held", seconds: 3);
        test.Pass(4.1);
        (await waiting.Soon()).ShouldBeNull();
        await test.Config.PutAsync("k", "v", cancellationToken: Cancellation).Soon();

        Of("muster.client.acquire.duration").Select(heard => heard.Tags).ShouldBe(
        [
            $"operation=muster.lock/AcquireLock outcome=done muster.cluster={_cluster}",
            $"operation=muster.lock/AcquireLock outcome=busy muster.cluster={_cluster}",
        ]);
        Of("muster.client.acquire.duration").Last().Value.ShouldBeInRange(3, 4.1);
        Of("muster.client.call.duration").Select(heard => heard.Tags).ShouldBe(
        [
            $"operation=muster.lock/ReleaseLock outcome=done muster.cluster={_cluster}",
            $"operation=muster.registry/PutConfig outcome=done muster.cluster={_cluster}",
        ]);
    }

    [Fact]
    public async Task Levels_are_each_clients_own_and_gone_with_it()
    {
        var one = NewClient("one");
        await using var two = NewClient("two");
        two.Service.Table.HoldByOther("held");
        await one.Acquire("a").Soon();
        await one.Acquire("b").Soon();
        _ = two.Acquire("held");
        two.Link.GoDown();
        _ = two.Acquire("parked");

        Levels("muster.client.locks.held").ShouldBe([("one", 2), ("two", 0)]);
        Levels("muster.client.locks.waiting").ShouldBe([("one", 0), ("two", 2)]);
        Levels("muster.client.connected").ShouldBe([("one", 1), ("two", 0)]);
        await one.DisposeAsync();
        Levels("muster.client.locks.held").ShouldBe([("two", 0)]);
    }

    [Fact]
    public async Task Losses_and_reconnects_are_counted()
    {
        await using var test = new ClientUnderTest(options => options.Cluster = _cluster);
        await test.Acquire("a").Soon();
        await test.Acquire("b").Soon();
        Of("muster.client.reconnects").ShouldBeEmpty();

        test.Link.GoDown();
        test.Pass(15);
        test.Link.GoUp();

        Of("muster.client.reconnects").Sum(heard => heard.Value).ShouldBe(1);
        Of("muster.client.sessions.lost").Sum(heard => heard.Value).ShouldBe(1);
        Of("muster.client.locks.lost").Sum(heard => heard.Value).ShouldBe(2);
    }

    [Fact]
    public async Task What_is_held_at_the_clients_end_is_not_lost()
    {
        var test = new ClientUnderTest(options => options.Cluster = _cluster);
        var handle = await test.Acquire("a").Soon();
        await test.Acquire("b").Soon();

        await test.DisposeAsync();

        handle.IsLost.ShouldBeTrue("it is told all the same");
        Of("muster.client.locks.lost").ShouldBeEmpty();
    }

    private ClientUnderTest NewClient(string node) =>
        new(options => (options.Cluster, options.Node) = (_cluster, node));

    private IEnumerable<(string Instrument, double Value, string Tags)> Of(string instrument) =>
        _heard.Where(heard => heard.Instrument == instrument
            && heard.Tags.Contains($"muster.cluster={_cluster}", StringComparison.Ordinal));

    private List<(string Node, double Value)> Levels(string instrument)
    {
        _heard.Clear();
        _listener.RecordObservableInstruments();
        return
        [
            .. Of(instrument).Select(heard => (heard.Tags.Split("muster.node=")[1], heard.Value)).Order(),
        ];
    }

    private void Hear(
        Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _heard.Enqueue((
            instrument.Name, value,
            string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}

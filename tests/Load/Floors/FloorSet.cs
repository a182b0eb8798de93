using Muster.Load.Measuring;
using Muster.Load.Reporting;

namespace Muster.Load.Floors;

/// <summary>
/// All floors, measured before, between and after what stands on them, so that a machine that was disturbed
/// meanwhile shows itself.
/// </summary>
internal sealed class FloorSet(Uri broker, string? redis, string folder, Meter meter, TimeSpan window)
{
    private readonly IReadOnlyList<(FloorId Id, Func<Task<IFloor>> Open)> _floors =
    [
        (FloorId.Broker1, () => BrokerRoundTrip.ConnectAsync(broker, 1)),
        (FloorId.Broker64, () => BrokerRoundTrip.ConnectAsync(broker, FloorId.Many)),
        (FloorId.MassTransit1, () => MassTransitRoundTrip.ConnectAsync(broker, 1)),
        (FloorId.MassTransit64, () => MassTransitRoundTrip.ConnectAsync(broker, FloorId.Many)),
        (FloorId.Commit, () => SyncedCommit.OpenAsync(folder)),
    ];

    private readonly IReadOnlyList<(FloorId Id, Func<Task<IFloor>> Open)> _redisFloors = redis is null ? [] :
    [
        (FloorId.RedisGet1, () => RedisRoundTrip.ConnectAsync(redis, isWrite: false)),
        (FloorId.RedisGet64, () => RedisRoundTrip.ConnectAsync(redis, isWrite: false)),
        (FloorId.RedisSet1, () => RedisRoundTrip.ConnectAsync(redis, isWrite: true)),
        (FloorId.RedisSet64, () => RedisRoundTrip.ConnectAsync(redis, isWrite: true)),
    ];

    /// <summary>
    /// Each once unmeasured: the first pass would else be of code that is not compiled yet.
    /// </summary>
    public async Task WarmUpAsync(bool withRedis, CancellationToken cancellationToken)
    {
        foreach (var (id, open) in Floors(withRedis))
        {
            await using var floor = await open();
            await meter.WarmUpAsync(
                $"{id.Name}, first", ClosedLoop.Timed(id.InFlight, floor.OnceAsync), Meter.WarmUpOf(window),
                cancellationToken);
        }
    }

    public async Task MeasureAsync(
        string pass, bool withRedis, Report report, CancellationToken cancellationToken)
    {
        foreach (var (id, open) in Floors(withRedis))
        {
            await using var floor = await open();
            var load = ClosedLoop.Timed(id.InFlight, floor.OnceAsync);
            var name = $"{id.Name}, {pass}";
            var measured = await meter.MeasureAsync(name, load, window, cancellationToken);
            report.Add(new Row
            {
                Section = "floors",
                Name = name,
                InFlight = id.InFlight,
                Measured = measured[0],
                Floor = id,
            });
        }
    }

    private IEnumerable<(FloorId Id, Func<Task<IFloor>> Open)> Floors(bool withRedis) =>
        withRedis ? _floors.Concat(_redisFloors) : _floors;
}

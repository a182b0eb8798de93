namespace Muster.Load.Floors;

/// <summary>Names a floor, in the table and in comparisons.</summary>
/// <param name="Key">For programs.</param>
/// <param name="Name">For its own row.</param>
/// <param name="Short">For the rows that are compared with it.</param>
/// <param name="InFlight">Operations at a time.</param>
internal sealed record FloorId(string Key, string Name, string Short, int InFlight)
{
    public const int Many = 64;

    public static readonly FloorId Broker1 = new("raw-1", BrokerName, BrokerShort, 1);
    public static readonly FloorId Broker64 = new("raw-64", BrokerName, BrokerShort, Many);
    public static readonly FloorId MassTransit1 = new("mt-1", MassTransitName, MassTransitShort, 1);
    public static readonly FloorId MassTransit64 = new("mt-64", MassTransitName, MassTransitShort, Many);
    public static readonly FloorId Commit = new("sqlite", "SQLite synced commit, 256 B", "SQLite", 1);
    public static readonly FloorId RedisGet1 = new("redis-get-1", RedisGetName, RedisGetShort, 1);
    public static readonly FloorId RedisGet64 = new("redis-get-64", RedisGetName, RedisGetShort, Many);
    public static readonly FloorId RedisSet1 = new("redis-set-1", RedisSetName, RedisSetShort, 1);
    public static readonly FloorId RedisSet64 = new("redis-set-64", RedisSetName, RedisSetShort, Many);

    private const string BrokerName = "RabbitMQ.Client round trip";
    private const string BrokerShort = "RabbitMQ.Client";
    private const string MassTransitName = "MassTransit request and response";
    private const string MassTransitShort = "MassTransit";
    private const string RedisGetName = "StackExchange.Redis GET, 256 B";
    private const string RedisGetShort = "Redis GET";
    private const string RedisSetName = "StackExchange.Redis SET, 256 B";
    private const string RedisSetShort = "Redis SET";

    public static IReadOnlyList<FloorId> All { get; } =
    [
        Broker1, Broker64, MassTransit1, MassTransit64, Commit, RedisGet1, RedisGet64, RedisSet1, RedisSet64,
    ];
}

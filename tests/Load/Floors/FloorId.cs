namespace Muster.Load.Floors;

/// <summary>Names a floor, in the table and in comparisons.</summary>
internal sealed record FloorId(string Key, string Name, int InFlight)
{
    public const int Many = 64;

    public static readonly FloorId Broker1 = new("raw-1", "RabbitMQ.Client round trip", 1);
    public static readonly FloorId Broker64 = new("raw-64", "RabbitMQ.Client round trip", Many);
    public static readonly FloorId MassTransit1 = new("mt-1", "MassTransit request and response", 1);
    public static readonly FloorId MassTransit64 = new("mt-64", "MassTransit request and response", Many);
    public static readonly FloorId Commit = new("sqlite", "SQLite synced commit, 256 B", 1);
}

namespace Muster.Simulator;

/// <summary>
/// How much a queue of the broker holds before its oldest message gives way to the next; those that outlive
/// the broker's restart, because nobody would send again what they hold, are left as the services declare
/// them.
/// </summary>
internal sealed record QueueLimits
{
    /// <summary>As declared on RabbitMQ, in round numbers: more than a run ever has waiting.</summary>
    public static QueueLimits Declared { get; } = new() { Inbox = 10_000, Work = 100_000 };

    public required int Inbox { get; init; }

    public required int Work { get; init; }

    /// <summary>Most runs never fill a queue, some now and then, a few all the time.</summary>
    public static QueueLimits Draw(Chance chance) => chance.Below(10) switch
    {
        < 6 => Declared,
        < 9 => new() { Inbox = (int)chance.Between(10, 200), Work = (int)chance.Between(5, 40) },
        _ => new() { Inbox = (int)chance.Between(1, 10), Work = (int)chance.Between(1, 5) },
    };
}

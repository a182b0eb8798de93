using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Worker;

/// <summary>What a worker process did last.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WorkerAct>))]
public enum WorkerAct
{
    /// <summary>Connected.</summary>
    Started,

    /// <summary>Was granted the lock and showed its token to the ledger.</summary>
    Held,

    /// <summary>Its handle reports that the lock is lost.</summary>
    Lost,

    /// <summary>The ledger took its write.</summary>
    Written,

    /// <summary>The ledger refused its write: a newer token had been shown.</summary>
    Refused,

    /// <summary>Gave the lock back, or had lost it.</summary>
    Released,

    /// <summary>All rounds are done.</summary>
    Finished,
}

/// <summary>One line of a worker's standard output.</summary>
public sealed record WorkerLine(string Worker, WorkerAct Act, string Lock, long Token, string AcquireId)
{
    public static WorkerLine? TryParse(string line) =>
        line.StartsWith('{') ? JsonSerializer.Deserialize<WorkerLine>(line) : null;

    public override string ToString() => JsonSerializer.Serialize(this);
}

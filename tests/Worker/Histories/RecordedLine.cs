using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Testing;

namespace Muster.Worker;

/// <summary>
/// One line of a recording: exactly one of the three. Times are nanoseconds of the machine's monotonic clock,
/// which all its processes read alike, so that the files of several are one history.
/// </summary>
public sealed record RecordedLine
{
    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    /// <summary>Of one worker; together, so that a SIGKILL leaves all of them or none.</summary>
    public IReadOnlyList<RecordedEvent>? Events { get; init; }

    public RecordedGrant? Grant { get; init; }

    public RecordedWrite? Write { get; init; }

    public static RecordedLine Parse(string line) => JsonSerializer.Deserialize<RecordedLine>(line, Options)!;

    public override string ToString() => JsonSerializer.Serialize(this, Options);
}

/// <summary>An event of the history that this model judges.</summary>
public sealed record RecordedEvent(string Model, long Process, EventType Type, long Time)
{
    public string? Function { get; init; }

    public string? Key { get; init; }

    /// <summary>Argument or answer; of a compare-and-set the value that was expected.</summary>
    public string? Text { get; init; }

    /// <summary>Of a compare-and-set: the value to be.</summary>
    public string? NewText { get; init; }

    public bool? Result { get; init; }

    public long? Token { get; init; }
}

/// <summary>A grant, also one that was lost while it was held.</summary>
/// <param name="Lock">Whose.</param>
/// <param name="IsAlone">Nobody else may hold it meanwhile.</param>
/// <param name="Token">Its token.</param>
/// <param name="AcquireId">Its acquire.</param>
/// <param name="Worker">Who.</param>
/// <param name="Asked">Before the acquire was called.</param>
/// <param name="From">After it returned; the handle was not lost thereafter.</param>
/// <param name="Until">
/// The handle was not lost thereafter either; it is <see cref="From"/> when it was.
/// </param>
public sealed record RecordedGrant(
    string Lock, bool IsAlone, long Token, string AcquireId, string Worker, long Asked, long From,
    long Until);

/// <summary>A write that the ledger acknowledged; the token is its id too.</summary>
public sealed record RecordedWrite(string Lock, long Token);

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Worker;

/// <summary>What a member of a standby group did last.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StandbyAct>))]
public enum StandbyAct
{
    /// <summary>Joined the group.</summary>
    Joined,

    /// <summary>Leads it, with the recovered state's version and the fence.</summary>
    Promoted,

    /// <summary>Holds the policy's lock.</summary>
    Held,

    /// <summary>An update of the state was acknowledged, with its version.</summary>
    Acknowledged,

    /// <summary>Nobody knows what became of an update.</summary>
    Unknown,

    /// <summary>An update was refused; the token is the lock's that it still believes to hold.</summary>
    Refused,
}

/// <summary>One line of a standby process's standard output.</summary>
public sealed record StandbyLine(
    string Member, StandbyAct Act, long GroupEpoch = 0, long Version = 0, long Token = 0, string Reason = "")
{
    public static StandbyLine? TryParse(string line) =>
        line.StartsWith('{') ? JsonSerializer.Deserialize<StandbyLine>(line) : null;

    public override string ToString() => JsonSerializer.Serialize(this);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>What an acquire asks for: names and how it wants to hold them.</summary>
internal sealed record LockClaim
{
    /// <summary>Different names in ordinal order; one, or several at once.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    public LockMode Mode { get; init; }

    /// <summary>0 of a lock.</summary>
    public int Permits { get; init; }

    /// <summary>The size of the semaphore; 0 of a lock.</summary>
    public int MaxPermits { get; init; }

    /// <summary>What a candidate publishes with its leadership; null for a plain lock.</summary>
    public string? Value { get; init; }

    /// <summary>What acquires one lock after the other within the session; empty: all of it.</summary>
    public string Flow { get; init; } = "";

    /// <summary>Empty for several.</summary>
    [JsonIgnore]
    public string Name => Names.Count == 1 ? Names[0] : "";

    /// <summary>Null for one.</summary>
    [JsonIgnore]
    public IReadOnlyList<string>? Several => Names.Count > 1 ? Names : null;

    /// <summary>
    /// Tells two claims apart; several names, which may be long, by their hash. A line feed is in no name.
    /// </summary>
    [JsonIgnore]
    public string Text => Mode switch
    {
        LockMode.Exclusive => Which,
        LockMode.Permits => $"\n{Permits} of {MaxPermits}\n{Which}",
        _ => $"\n{Mode}\n{Which}",
    };

    private string Which => Names.Count == 1 ? Names[0] : "\n" + Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Names))));

    public static LockClaim Of(AcquireLock command, string? value = null) => new()
    {
        Names = command.Names is { } several
            ? [.. several.Order(StringComparer.Ordinal)]
            : [command.Name],
        Mode = command.Mode,
        Permits = command.Mode == LockMode.Permits ? command.Permits : 0,
        MaxPermits = command.Mode == LockMode.Permits ? command.MaxPermits : 0,
        Value = value,
        Flow = command.Flow,
    };
}

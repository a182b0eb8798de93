using System.Text.Json;

namespace Muster.Worker;

/// <summary>
/// The state that a standby group keeps: how many updates each member has made. An update that is lost or
/// done twice shows in the sum.
/// </summary>
public sealed class StandbyState
{
    private readonly SortedDictionary<string, long> _updates;

    private StandbyState(SortedDictionary<string, long> updates) => _updates = updates;

    /// <summary>Updates of all members.</summary>
    public long Total => _updates.Values.Sum();

    /// <summary>By member.</summary>
    public IReadOnlyDictionary<string, long> Updates => _updates;

    public static StandbyState Read(byte[] state) => new(
        state.Length == 0 ? [] : JsonSerializer.Deserialize<SortedDictionary<string, long>>(state)!);

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(_updates);

    /// <summary>One more update by a member.</summary>
    public StandbyState With(string member)
    {
        var updates = new SortedDictionary<string, long>(_updates, StringComparer.Ordinal);
        updates[member] = updates.GetValueOrDefault(member) + 1;
        return new StandbyState(updates);
    }
}

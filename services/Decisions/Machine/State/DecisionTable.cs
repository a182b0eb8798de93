using System.Text;
using Muster.Contracts.Decisions;

namespace Muster.Decisions.Machine;

/// <summary>
/// Decisions by key: found in one step, walked in ordinal order from any key on. The dictionary is only
/// looked up, never walked.
/// </summary>
internal sealed class DecisionTable
{
    /// <summary>For what a decision costs beside its texts.</summary>
    private const int Overhead = 64;

    private readonly Dictionary<string, Decision> _decisions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);

    public int Count => _keys.Count;

    /// <summary>UTF-8 bytes of the decisions.</summary>
    public long Bytes { get; private set; }

    /// <summary>By key, ordinally.</summary>
    public IEnumerable<Decision> All => _keys.Select(key => _decisions[key]);

    public static long SizeOf(Decision decision) =>
        SizeOf(decision.Key, decision.Value, decision.Proposer, decision.CommandId);

    public static long SizeOf(ProposeValue propose) =>
        SizeOf(propose.Key, propose.Value, propose.Proposer, propose.CommandId);

    public Decision? Find(string key) => _decisions.GetValueOrDefault(key);

    /// <exception cref="ArgumentException">The key is decided.</exception>
    public void Add(Decision decision)
    {
        _decisions.Add(decision.Key, decision);
        _keys.Add(decision.Key);
        Bytes += SizeOf(decision);
    }

    /// <summary>The decisions whose keys start with a prefix and come after another key, in order.</summary>
    public IEnumerable<Decision> From(string prefix, string after)
    {
        var start = string.CompareOrdinal(prefix, after) >= 0 ? prefix : after;
        if (_keys.Max is not { } last || string.CompareOrdinal(start, last) > 0)
        {
            yield break;
        }
        foreach (var key in _keys.GetViewBetween(start, last))
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield break;
            }
            if (string.CompareOrdinal(key, after) > 0)
            {
                yield return _decisions[key];
            }
        }
    }

    private static long SizeOf(string key, string value, string proposer, string commandId) =>
        Overhead + Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value)
        + Encoding.UTF8.GetByteCount(proposer) + Encoding.UTF8.GetByteCount(commandId);
}

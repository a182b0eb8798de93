using System.Globalization;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Entries that cannot be applied: the one at which the replica is halted, and those that operators have
/// refused, as far as this replica has met their refusals. The log can be gone through again with them.
/// </summary>
internal sealed class Refusals(ReplicaOptions options)
{
    private readonly SortedDictionary<LogIndex, ulong> _known = [];
    private string _error = "";
    private bool _isRequested;

    /// <summary>The entry that the machine threw at; zero while it works.</summary>
    public LogIndex HaltedAt { get; private set; }

    public ulong HaltedEntry { get; private set; }

    public bool IsHalted => HaltedAt > LogIndex.Zero;

    /// <summary>The newest refused entry that was passed over.</summary>
    public LogIndex LastPassed { get; set; }

    public string Halt => !IsHalted ? ""
        : $"halted before entry {HaltedAt} of group {options.Group}, which cannot be applied: {_error} - a "
            + $"build that can apply it goes on by itself; to pass it over on all replicas, publish "
            + $"RefuseEntry {{\"group\":\"{options.Group}\",\"index\":{HaltedAt},"
            + $"\"entry\":\"{Name(HaltedEntry)}\"}}";

    /// <summary>What an operator has asked for and the log does not have yet.</summary>
    public EntryRefused? Wanted => IsHalted && _isRequested ? new(HaltedAt, HaltedEntry) : null;

    public static ulong DigestOf(LogEntry entry) => StateDigest.Of(entry.Payload);

    public static string Name(ulong entry) => entry.ToString("x16", CultureInfo.InvariantCulture);

    public void HaltAt(LogEntry entry, Exception exception)
    {
        // Halted there already when it is met again: what the operator asked stays.
        _isRequested &= HaltedAt == entry.Index;
        (HaltedAt, HaltedEntry) = (entry.Index, DigestOf(entry));
        _error = $"{exception.GetType().Name}: {exception.Message}";
    }

    /// <summary>The operator names what he saw: another entry is not meant.</summary>
    public void Request(RefuseEntry request) =>
        _isRequested |= IsHalted && request.Index == HaltedAt && request.Entry == Name(HaltedEntry);

    /// <summary>The log refuses it.</summary>
    public void Learn(EntryRefused refusal) => _known[refusal.Index] = refusal.Entry;

    public bool Knows(LogIndex index) => _known.ContainsKey(index);

    public bool IsRefused(LogEntry entry) =>
        _known.TryGetValue(entry.Index, out var digest) && digest == DigestOf(entry);

    public IEnumerable<LogIndex> KnownUpTo(LogIndex index) => _known.Keys.Where(known => known <= index);

    /// <summary>The machine is past it.</summary>
    public void GoOn(LogIndex past)
    {
        if (past >= HaltedAt)
        {
            (HaltedAt, _isRequested) = (LogIndex.Zero, false);
        }
    }
}

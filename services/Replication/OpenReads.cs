namespace Muster.Replication;

/// <summary>The linearizable reads that the core has not let through yet.</summary>
internal sealed class OpenReads
{
    private readonly Dictionary<long, MachineQuery> _open = [];
    private long _lastId;

    public IEnumerable<MachineQuery> All => _open.Values;

    /// <summary>Gives it the id under which the core knows it.</summary>
    public long Add(MachineQuery query)
    {
        _open.Add(++_lastId, query);
        return _lastId;
    }

    public MachineQuery Take(long id) =>
        _open.Remove(id, out var query)
            ? query
            : throw new InvalidOperationException($"Read {id} is not open.");
}

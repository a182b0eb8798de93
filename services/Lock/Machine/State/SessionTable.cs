namespace Muster.Lock.Machine;

/// <summary>The open sessions and when each expires.</summary>
internal sealed class SessionTable
{
    private readonly SortedDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly DeadlineSet<Session> _deadlines = new(Session.ById);
    private readonly Dictionary<NodeIncarnation, SortedSet<Session>> _byNode = [];

    public int Count => _sessions.Count;

    /// <summary>By id, ordinally.</summary>
    public IEnumerable<Session> All => _sessions.Values;

    public long? FirstDeadline => _deadlines.First;

    public Session? Find(string id) => _sessions.GetValueOrDefault(id);

    /// <summary>Those that end with this process, by id.</summary>
    public IReadOnlyList<Session> On(NodeIncarnation node) =>
        _byNode.TryGetValue(node, out var sessions) ? [.. sessions] : [];

    public void Add(Session session)
    {
        _sessions.Add(session.Id, session);
        if (session.Node is { } node)
        {
            if (!_byNode.TryGetValue(node, out var sessions))
            {
                _byNode[node] = sessions = new(Session.ById);
            }
            sessions.Add(session);
        }
        _deadlines.Add(session.Deadline, session);
    }

    /// <summary>A late renewal never shortens a life, so duplicates and reordering do no harm.</summary>
    public void Renew(Session session, long now)
    {
        var deadline = now + session.TtlMilliseconds;
        if (deadline <= session.Deadline)
        {
            return;
        }
        _deadlines.Remove(session.Deadline, session);
        session.Deadline = deadline;
        _deadlines.Add(deadline, session);
    }

    public void Remove(Session session)
    {
        Forget(session);
        _deadlines.Remove(session.Deadline, session);
    }

    public bool TryTakeExpired(long now, out Session session)
    {
        if (!_deadlines.TryTakeDue(now, out session))
        {
            return false;
        }
        Forget(session);
        return true;
    }

    private void Forget(Session session)
    {
        _sessions.Remove(session.Id);
        if (session.Node is { } node && _byNode.TryGetValue(node, out var sessions)
            && sessions.Remove(session) && sessions.Count == 0)
        {
            _byNode.Remove(node);
        }
    }
}

namespace Muster.Client;

/// <summary>
/// Since when a client is as it is: its link, and its session. Used under the client's gate.
/// </summary>
internal sealed class ClientHistory
{
    private readonly MusterOptions _options;
    private readonly ClientParts _parts;
    private TimeSpan? _linkChangedAt;
    private TimeSpan? _lostAt;
    private TimeSpan? _wantedAt;
    private bool _wasUp;
    private bool _isUp;

    public ClientHistory(MusterOptions options, ClientParts parts)
    {
        (_options, _parts) = (options, parts);
        parts.Locks.Opened += () => _lostAt = null;
        parts.Locks.Lost += OnSessionLost;
    }

    /// <summary>The client connects from now on. True: it did not before.</summary>
    public bool Start()
    {
        if (_linkChangedAt is not null)
        {
            return false;
        }
        _linkChangedAt = _parts.Clock.Now;
        return true;
    }

    public void LinkUp()
    {
        (_linkChangedAt, _isUp) = (_parts.Clock.Now, true);
        if (_wasUp)
        {
            ClientTelemetry.Reconnects.Add(1, ClientTelemetry.ClusterOf(_options));
        }
        _wasUp = true;
    }

    public void LinkDown() => (_linkChangedAt, _isUp) = (_parts.Clock.Now, false);

    public ClientState Look(bool isConnected, bool isClosed)
    {
        var now = _parts.Clock.Now;
        var sessions = _parts.Locks.Open.ToList();
        var oldest = sessions.MaxBy(session => _parts.Clock.Elapsed(session.RenewedAt));
        var waiting = sessions.Sum(session => session.Pending.Count) + _parts.Locks.ParkedCount;
        _wantedAt = _parts.Locks.IsSessionMissing ? _wantedAt ?? now : null;
        return new ClientState
        {
            IsConnected = isConnected,
            // What the link knows already may be on its way here.
            ForTime = _linkChangedAt is null || isConnected == _isUp ? now - _linkChangedAt : TimeSpan.Zero,
            IsClosed = isClosed,
            SessionId = oldest?.Id,
            SinceRenewal = oldest is null ? null : _parts.Clock.Elapsed(oldest.RenewedAt),
            SinceLoss = now - _lostAt,
            Held = sessions.Sum(session => session.Held.Count),
            Waiting = waiting,
            SinceWanted = now - _wantedAt,
        };
    }

    private void OnSessionLost()
    {
        _lostAt = _parts.Clock.Now;
        ClientTelemetry.SessionsLost.Add(1, ClientTelemetry.ClusterOf(_options));
    }
}

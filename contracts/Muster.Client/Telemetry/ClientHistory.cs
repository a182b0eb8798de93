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
    private bool _wasUp;

    public ClientHistory(MusterOptions options, ClientParts parts)
    {
        (_options, _parts) = (options, parts);
        parts.Sessions.Opened += _ => _lostAt = null;
        parts.Sessions.Lost += _ => OnSessionLost();
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
        _linkChangedAt = _parts.Clock.Now;
        if (_wasUp)
        {
            ClientTelemetry.Reconnects.Add(1, ClientTelemetry.ClusterOf(_options));
        }
        _wasUp = true;
    }

    public void LinkDown() => _linkChangedAt = _parts.Clock.Now;

    public ClientState Look(bool isConnected, bool isClosed)
    {
        var now = _parts.Clock.Now;
        var session = _parts.Sessions.Current;
        return new ClientState
        {
            IsConnected = isConnected,
            ForTime = now - _linkChangedAt,
            IsClosed = isClosed,
            SessionId = session?.Id,
            SinceRenewal = session is null ? null : _parts.Clock.Elapsed(session.RenewedAt),
            SinceLoss = now - _lostAt,
            Held = session?.Held.Count ?? 0,
            Waiting = (session?.Pending.Count ?? 0) + _parts.Acquires.ParkedCount,
        };
    }

    private void OnSessionLost()
    {
        _lostAt = _parts.Clock.Now;
        ClientTelemetry.SessionsLost.Add(1, ClientTelemetry.ClusterOf(_options));
    }
}

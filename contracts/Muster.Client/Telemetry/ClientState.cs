namespace Muster.Client;

/// <summary>What a client is like at a moment, for whoever watches it.</summary>
internal sealed record ClientState
{
    /// <summary>The broker takes messages.</summary>
    public required bool IsConnected { get; init; }

    /// <summary>
    /// How long it has been so; null: nothing was to be connected yet.
    /// </summary>
    public required TimeSpan? ForTime { get; init; }

    public required bool IsClosed { get; init; }

    /// <summary>Null: no session is open.</summary>
    public required string? SessionId { get; init; }

    /// <summary>How long ago the newest answered renewal of the session was sent.</summary>
    public required TimeSpan? SinceRenewal { get; init; }

    /// <summary>
    /// How long ago the last session was lost for which no other is open; null: none was.
    /// </summary>
    public required TimeSpan? SinceLoss { get; init; }

    /// <summary>
    /// How long somebody has been seen to wait while no session is open in a lock group; null: nobody does.
    /// </summary>
    public required TimeSpan? SinceWanted { get; init; }

    /// <summary>Locks and leaderships that are held, or being given back.</summary>
    public required int Held { get; init; }

    /// <summary>Acquires and campaigns that wait, here or in a lock's queue.</summary>
    public required int Waiting { get; init; }
}

namespace Muster.Consensus.Transport;

/// <summary>
/// The form of what nodes say to each other. A change that an older build would misread raises what is
/// spoken; for as long as builds run side by side, the newer one must go on to speak what the older
/// understands.
/// </summary>
internal static class PeerProtocol
{
    public const int Spoken = 1;
    public const int Oldest = 1;

    public static bool Understands(int protocol) => protocol is >= Oldest and <= Spoken;
}

namespace Muster.Consensus.Transport;

/// <summary>
/// Of the later builds. The first understands the second form and speaks the one that older builds do; the
/// next one, whose folder has the file, speaks the second.
/// </summary>
internal static class PeerProtocol
{
    public const int Oldest = 1;

    public static readonly int Spoken =
        File.Exists(Path.Combine(AppContext.BaseDirectory, "speaks-2")) ? 2 : 1;

    public static bool Understands(int protocol) => protocol is >= Oldest and <= 2;
}

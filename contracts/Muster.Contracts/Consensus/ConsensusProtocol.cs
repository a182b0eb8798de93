namespace Muster.Contracts.Consensus;

/// <summary>
/// The form of the messages between consensus nodes and who proposes to them, asks them and follows their
/// commits. A change that a build before it would misread raises <see cref="Spoken"/>; for as long as builds
/// run side by side, the newer one must go on to speak what the older understands.
/// </summary>
public static class ConsensusProtocol
{
    /// <summary>The form that this build speaks.</summary>
    public const int Spoken = 1;

    /// <summary>The oldest form that this build understands.</summary>
    public const int Oldest = 1;

    /// <summary>
    /// Whether a message of this form can be read here. One that names none, 0, is of the first form: it was
    /// written by hand, or by a build that did not name it.
    /// </summary>
    public static bool Understands(int protocol) =>
        protocol is >= Oldest and <= Spoken || (protocol == 0 && Oldest == 1);
}

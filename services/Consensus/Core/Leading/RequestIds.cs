namespace Muster.Consensus.Core;

/// <summary>
/// Numbers this node's requests; an answer with a greater number than a mark was asked for after the mark.
/// </summary>
internal sealed class RequestIds
{
    public long Last { get; private set; }

    public long Upcoming => Last + 1;

    public long Take() => ++Last;
}

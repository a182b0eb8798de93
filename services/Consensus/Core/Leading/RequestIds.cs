namespace Muster.Consensus.Core;

/// <summary>
/// Numbers this node's requests; an answer with a greater number than a mark was asked for after the mark.
/// They begin anew with each start, so a number says nothing without the leadership that it was given in.
/// </summary>
/// <param name="after">The number before the first; see <see cref="RestoredGroup.RequestsAfter"/>.</param>
internal sealed class RequestIds(long after)
{
    /// <summary>In an answer that confirms nothing.</summary>
    public const long None = 0;

    public long Last { get; private set; } = after;

    public long Upcoming => Last + 1;

    public long Take() => ++Last;
}

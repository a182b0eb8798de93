namespace Muster.Client;

/// <summary>A session's sequence numbers: which are given out, and below which all are answered.</summary>
internal sealed class SequenceWindow
{
    private readonly HashSet<long> _answeredAhead = [];
    private long _next = 1;

    public long AnsweredBelow { get; private set; } = 1;

    /// <summary>
    /// How far the numbers run ahead of the lowest unanswered one; the service bounds this.
    /// </summary>
    public long Span => _next - AnsweredBelow;

    public long Take() => _next++;

    /// <summary>The number's answer is here, or nobody wants it any more. Repeats change nothing.</summary>
    public void Answer(long sequence)
    {
        if (sequence < AnsweredBelow)
        {
            return;
        }
        _answeredAhead.Add(sequence);
        while (_answeredAhead.Remove(AnsweredBelow))
        {
            AnsweredBelow++;
        }
    }
}

namespace Muster.Consensus.Driver;

/// <summary>When a node's loop lends its rounds to who brings a message.</summary>
internal sealed record Lending
{
    public static Lending Default { get; } = new();

    /// <summary>
    /// A round that ended more recently is a sign of load, under which inputs should gather: then the loop is
    /// woken as ever.
    /// </summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>A lent round that took so long waited for something: a disk that is slow.</summary>
    public TimeSpan Long { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// What the loop waits after a long one for what its poster brings: some hundred messages that came
    /// meanwhile, a leader's perhaps, which should be heard before its silence is judged.
    /// </summary>
    public TimeSpan Settling { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>After a long one nobody goes round for the loop.</summary>
    public TimeSpan Unlent { get; init; } = TimeSpan.FromSeconds(10);
}

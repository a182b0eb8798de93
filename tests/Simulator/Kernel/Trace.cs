using System.Globalization;

namespace Muster.Simulator;

/// <summary>
/// Everything that happens, in order, as a hash over the whole run and as text of the newest events. Two runs
/// of one seed that differ anywhere have different hashes.
/// </summary>
internal sealed class Trace(Scheduler scheduler, Action<string>? print)
{
    public const int Kept = 60;

    private readonly Queue<TraceEvent> _newest = new();

    public ulong Hash { get; private set; } = TraceDigest.Empty;

    public IEnumerable<string> Newest => _newest.Select(one => one.ToString());

    /// <param name="what">The kind of event.</param>
    /// <param name="who">The process it happens at.</param>
    /// <param name="number">What tells one such event from another.</param>
    /// <param name="detail">What else is to be seen of it; turned to text only for people.</param>
    /// <param name="digest">That of the detail, where the caller has one already.</param>
    public void Add(string what, string who, long number, object? detail = null, ulong? digest = null)
    {
        Mix((ulong)scheduler.Now);
        Hash = TraceDigest.Mix(TraceDigest.Mix(Hash, what), who);
        Mix((ulong)number);
        Mix(digest ?? TraceDigest.Of(detail));
        var happened = new TraceEvent(scheduler.Now, what, who, number, detail);
        print?.Invoke(happened.ToString());
        if (_newest.Count == Kept)
        {
            _newest.Dequeue();
        }
        _newest.Enqueue(happened);
    }

    /// <summary>A state at the end of a run is part of what must be the same.</summary>
    public void Mix(ulong value) => Hash = TraceDigest.Mix(Hash, value);

    private readonly record struct TraceEvent(long At, string What, string Who, long Number, object? Detail)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{At / 1000,8}.{At % 1000:D3} ms  {Who,-14} {What,-18} {Number}  {TraceText.Of(Detail)}");
    }
}

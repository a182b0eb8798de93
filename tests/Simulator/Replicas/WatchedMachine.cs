using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// The real machine of one replica, with everybody's checks behind it, and a place between the log and the
/// machine where a mutation may stand.
/// </summary>
internal sealed class WatchedMachine<TMachine, TEffect>(TMachine inner) : IStateMachine<TEffect>
    where TMachine : class, IStateMachine<TEffect>
{
    public TMachine Inner => inner;

    public Func<AppliedEntry, IReadOnlyList<TEffect>> Applies { get; init; } = inner.Apply;

    public Action<byte[]> Restores { get; init; } = snapshot => inner.Restore(snapshot);

    public Func<byte[], byte[]> Writes { get; init; } = snapshot => snapshot;

    public required Action<AppliedEntry, IReadOnlyList<TEffect>> OnApplied { get; init; }

    public required Action OnRestored { get; init; }

    public long Time => inner.Time;

    public bool IsInitialized => inner.IsInitialized;

    public long? NextDeadline => inner.NextDeadline;

    public IReadOnlyList<TEffect> Apply(AppliedEntry entry)
    {
        var effects = Applies(entry);
        OnApplied(entry, effects);
        return effects;
    }

    public byte[] TakeSnapshot() => Writes(inner.TakeSnapshot());

    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        Restores(snapshot.ToArray());
        OnRestored();
    }

    public ulong Digest() => inner.Digest();
}

using Muster.Contracts.Lock;
using Muster.Lock.Machine;
using Muster.Replication.Core;

namespace Muster.Simulator;

/// <summary>
/// The real machine of one replica, with everybody's checks behind it, and a place between the log and the
/// machine where a mutation may stand.
/// </summary>
internal sealed class WatchedMachine(ReplicaProcess replica, Simulation world) : IStateMachine<LockEffect>
{
    private readonly MachineMutation? _mutation = world.Mutation.NewMachineMutation();

    public LockMachine Inner { get; } = new();

    public long Time => Inner.Time;

    public bool IsInitialized => Inner.IsInitialized;

    public long? NextDeadline => Inner.NextDeadline;

    public IOutboxReader<LockEvent, LockReply> Outbox => Inner.Outbox;

    public IReadOnlyList<LockEffect> Apply(AppliedEntry entry)
    {
        var effects = _mutation?.Apply(Inner, entry) ?? Inner.Apply(entry);
        Check(() => world.Checks.OnApplied(replica, Inner, entry, effects));
        return effects;
    }

    public byte[] TakeSnapshot() => _mutation?.OnSnapshot(Inner.TakeSnapshot()) ?? Inner.TakeSnapshot();

    public void Restore(ReadOnlySpan<byte> snapshot)
    {
        Inner.Restore(snapshot);
        Check(() => world.Checks.OnRestored(replica, Inner));
    }

    public ulong Digest() => Inner.Digest();

    private void Check(Action check)
    {
        try
        {
            check();
        }
        catch (SimulationFailure found)
        {
            // The replica core takes any exception for the machine's own.
            world.Found ??= found;
            throw;
        }
    }
}

namespace Muster.Lock.Machine;

/// <summary>One name that is held: its holder and who waits, first come first.</summary>
internal sealed class LockQueue(Acquire holder)
{
    public Acquire Holder { get; set; } = holder;

    /// <summary>In ticket order.</summary>
    public LinkedList<Acquire> Waiters { get; } = new();
}

namespace Muster.Testing;

/// <summary>Who holds a lock or leads: a process, or nobody, the default.</summary>
/// <param name="IsThere">Whether anybody does.</param>
/// <param name="Process">Who; 0 for nobody.</param>
public readonly record struct Holder(bool IsThere, long Process)
{
    /// <summary>Nobody.</summary>
    public static Holder Nobody => default;

    /// <summary>A process.</summary>
    public static Holder Of(long process) => new(true, process);

    /// <summary>Whether it is this process.</summary>
    public bool Is(long process) => IsThere && Process == process;

    /// <summary>Who, for people.</summary>
    public override string ToString() => IsThere ? $"process {Process}" : "nobody";
}

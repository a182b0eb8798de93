using Muster.Contracts.Lock;

namespace Muster.Client;

/// <summary>
/// What is to be held, and how. A name is 1 to 256 bytes of UTF-8 without control characters, compared
/// ordinally; the service checks it. Half of a surrogate pair is no text, and refused here, with an <see
/// cref="ArgumentException"/>.
/// </summary>
public sealed record LockRequest
{
    private const int MaxNames = 64;

    private LockRequest(IReadOnlyList<string> names, LockMode mode)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names)
        {
            GivenText.Check(name, nameof(names));
        }
        Names = [.. names.Order(StringComparer.Ordinal)];
        if (Names.Count is < 1 or > MaxNames || Names.Distinct(StringComparer.Ordinal).Count() < Names.Count)
        {
            throw new ArgumentException(
                $"{Names.Count} names; a request has 1 to {MaxNames}, all different.", nameof(names));
        }
        Mode = mode;
    }

    /// <summary>Those of its names that are in one group.</summary>
    internal LockRequest Of(IEnumerable<string> names) => new([.. names], Mode);

    /// <summary>One name or several, in ordinal order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How they are held.</summary>
    public LockMode Mode { get; }

    /// <summary>How many permits of a semaphore; 0 of a lock.</summary>
    public int Permits { get; private init; }

    /// <summary>The semaphore's size; 0 of a lock.</summary>
    public int MaxPermits { get; private init; }

    /// <summary>See <see cref="InOneGroup"/>.</summary>
    public bool MustBeInOneGroup { get; private init; }

    /// <summary>Alone.</summary>
    public static LockRequest Exclusive(string name) => new([name], LockMode.Exclusive);

    /// <summary>Beside other readers. A waiting writer stops later readers.</summary>
    public static LockRequest Shared(string name) => new([name], LockMode.Shared);

    /// <summary>
    /// Beside readers, and the only one that may become exclusive: <see cref="ILockHandle.TryUpgradeAsync"/>.
    /// </summary>
    public static LockRequest Upgradeable(string name) => new([name], LockMode.Upgradeable);

    /// <summary>Permits of a semaphore.</summary>
    /// <param name="name">A name that is in use as a lock, or in another size, is refused.</param>
    /// <param name="maxPermits">The semaphore's size, the same for all who use it: 1 to 1,000,000.</param>
    /// <param name="permits">How many, 1 to <paramref name="maxPermits"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few or too many permits.</exception>
    public static LockRequest Semaphore(string name, int maxPermits, int permits = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPermits, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permits, maxPermits);
        return new([name], LockMode.Permits) { Permits = permits, MaxPermits = maxPermits };
    }

    /// <summary>
    /// All of these names or none, exclusively; 1 to 64, all different. Whoever asks for several at once
    /// waits without holding any, so that such acquires never block each other for ever.
    /// </summary>
    /// <exception cref="ArgumentException">No name, more than 64, one twice, or no text.</exception>
    public static LockRequest All(params IReadOnlyList<string> names) => new(names, LockMode.Exclusive);

    /// <summary>All of these names or none, shared: see <see cref="All"/>.</summary>
    /// <exception cref="ArgumentException">No name, more than 64, one twice, or no text.</exception>
    public static LockRequest AllShared(params IReadOnlyList<string> names) => new(names, LockMode.Shared);

    /// <summary>
    /// Of several names that lie in several lock groups the client takes those of one group at once and the
    /// groups one after the other, in their order, and gives all back when one cannot be had: still no
    /// deadlock among such, but it holds some while it waits for others. With this they are refused instead:
    /// names of one <c>{tag}</c> are in one group.
    /// </summary>
    public LockRequest InOneGroup() => this with { MustBeInOneGroup = true };

    /// <inheritdoc/>
    public override string ToString() => Mode switch
    {
        LockMode.Exclusive => string.Join(", ", Names),
        LockMode.Permits => $"{Permits} of {MaxPermits} of {Names[0]}",
        _ => $"{string.Join(", ", Names)} ({Mode})",
    };
}

namespace Muster.Testing;

/// <summary>The bounds of a check. Where one is reached the answer is unknown, never a guess.</summary>
public sealed record CheckOptions
{
    /// <summary>
    /// How long all keys together may take; by default a minute. Lower: more answers are unknown. Higher: a
    /// hard history, with many operations at once or of unknown outcome, may be decided. What is refuted is
    /// then made shorter for what is left of it, at least a second and at most ten. What the model sees at a
    /// glance is looked for first, in about the time that the history takes to be read, and not cut short.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// About how many bytes all that is remembered may take; by default 1 GiB. The key that has the most
    /// gives up where it is reached, so that the others are decided.
    /// </summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>How many keys are searched at once; by default one for each core.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>The clock of the time-out.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Refuses bounds that bound nothing.</summary>
    /// <exception cref="ArgumentException">A bound is zero or less.</exception>
    public void Validate()
    {
        if (Timeout <= TimeSpan.Zero || MemoryBytes <= 0 || Parallelism <= 0)
        {
            throw new ArgumentException(
                $"Timeout ({Timeout}), MemoryBytes ({MemoryBytes}) and Parallelism ({Parallelism}) "
                + "are above 0.");
        }
    }
}

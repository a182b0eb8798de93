using System.Globalization;

namespace Muster.Testing;

/// <summary>
/// N permits. <c>acquire</c> takes as many as its value says, one without a value, when so many are free;
/// anybody's <c>release</c> gives back as many, and never more than are taken. Ok with <c>result</c> false:
/// so many were not free, or not taken.
/// </summary>
/// <param name="permits">How many there are.</param>
public sealed class SemaphoreModel(long permits) : Model<long>
{
    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"semaphore:{permits}");

    /// <inheritdoc/>
    public override string Description =>
        "As many permits as its name says. acquire takes as many as its value (one without), release gives "
        + "back as many. Ok with result false: so many were not free, or not taken."
        + MayBeLost;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["acquire", "release"];

    /// <inheritdoc/>
    public override long Initial => 0;

    /// <inheritdoc/>
    public override bool IsBounded => true;

    /// <inheritdoc/>
    public override bool DependsOnProcess => false;

    /// <inheritdoc/>
    public override string? ProblemOfCall(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Argument.IsNull || operation.Argument.WholeNumber > 0
            ? null
            : "a semaphore's value is a number of permits, from 1.";
    }

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return ProblemOfValue(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(long state, Operation operation, out long next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var wanted = operation.Argument.WholeNumber ?? 1;
        var acquires = operation.Function == "acquire";
        var fits = acquires ? wanted <= permits - state : wanted <= state;
        next = operation.WasRefused || !fits ? state : acquires ? state + wanted : state - wanted;
        return fits != operation.WasRefused;
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.WasRefused;
    }

    /// <inheritdoc/>
    public override string Describe(long state) => $"{state} of {permits} taken";
}

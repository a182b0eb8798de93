namespace Muster.Testing.Tests;

/// <summary>
/// The definition, tried out: every operation that may be next is put next, with no memory and no rule. It
/// shares nothing with the checker but the models' steps.
/// </summary>
internal static class BruteForce
{
    public static bool IsLinearizable<TState>(Model<TState> model, IReadOnlyList<Operation> operations)
        where TState : notnull =>
        Explains(
            model, model.Initial, [.. operations.Where(operation => operation.Outcome != Outcome.Failed)]);

    private static bool Explains<TState>(Model<TState> model, TState state, List<Operation> rest)
        where TState : notnull
    {
        if (rest.TrueForAll(operation => operation.Outcome == Outcome.Unknown))
        {
            return true;
        }
        foreach (var next in rest)
        {
            var mayBeNext = !rest.Exists(
                other => other.Outcome == Outcome.Ok && other.CompletedAt < next.InvokedAt);
            if (mayBeNext && model.TryStep(state, next, out var after)
                && Explains(model, after, [.. rest.Where(other => !ReferenceEquals(other, next))]))
            {
                return true;
            }
        }
        return false;
    }
}

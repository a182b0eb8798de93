namespace Muster.Testing;

/// <summary>
/// Decides whether there is an order of a history's operations, each at one instant between its invocation
/// and its completion, in which the model answers what was seen (Herlihy and Wing's linearizability). The
/// search is Wing and Gong's with Lowe's memory of configurations; keys are searched side by side.
/// </summary>
public static class LinearizabilityChecker
{
    /// <summary>
    /// Checks a history. It returns at the first key that is refuted, whatever the others would cost.
    /// </summary>
    /// <param name="history">What clients did and saw.</param>
    /// <param name="model">What they should have seen; see <see cref="Models"/>.</param>
    /// <param name="options">The bounds; null: the defaults.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="HistoryFormatException">The model does not know an operation.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public static CheckResult Check(
        History history, Model model, CheckOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(model);
        options ??= new CheckOptions();
        options.Validate();
        history.Validate(model);
        // Short histories first: what is refuted at all is often refuted there, and at once.
        var keys = history.Operations
            .Where(operation => operation.Outcome != Outcome.Failed)
            .GroupBy(operation => operation.Key)
            .Select(key => new KeyOperations(key.Key, [.. key]))
            .OrderBy(key => key.Operations.Count)
            .ToList();
        return new SideBySide(model, keys, options, cancellationToken).Run();
    }
}

namespace Muster.Testing;

/// <summary>What clients did and saw, as operations in the order of their invocations.</summary>
public sealed class History
{
    /// <summary>A history of these operations, whose places among the events tell their order.</summary>
    /// <exception cref="ArgumentException">
    /// One that ended ok has no completion after its invocation.
    /// </exception>
    public History(IEnumerable<Operation> operations)
    {
        Operations = [.. operations.OrderBy(operation => operation.InvokedAt)];
        if (Operations.FirstOrDefault(HasNoEnd) is { } endless)
        {
            throw new ArgumentException(
                $"{endless} ended ok, but not after its invocation.", nameof(operations));
        }
    }

    /// <summary>All operations, in the order of their invocations.</summary>
    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>A history from its events, in order of real time.</summary>
    /// <exception cref="HistoryFormatException">An event cannot follow those before it.</exception>
    public static History Of(params IEnumerable<HistoryEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var builder = new HistoryBuilder();
        foreach (var next in events)
        {
            builder.Add(next);
        }
        return builder.Build();
    }

    /// <summary>Refuses what a model does not know.</summary>
    /// <exception cref="HistoryFormatException">The first operation that the model cannot read.</exception>
    public void Validate(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (var operation in Operations)
        {
            if (!model.Functions.Contains(operation.Function))
            {
                throw new HistoryFormatException(operation.InvokedAt,
                    $"{model.Name} knows {string.Join(", ", model.Functions)}, not '{operation.Function}'.");
            }
            if (model.ProblemOfCall(operation) is { } call)
            {
                throw new HistoryFormatException(operation.InvokedAt, call);
            }
            if (operation.Outcome == Outcome.Ok && model.ProblemOfAnswer(operation) is { } answer)
            {
                throw new HistoryFormatException(operation.CompletedAt, answer);
            }
        }
    }

    private static bool HasNoEnd(Operation operation) => operation.Outcome == Outcome.Ok
        && (operation.CompletedAt == long.MaxValue || operation.CompletedAt <= operation.InvokedAt);
}

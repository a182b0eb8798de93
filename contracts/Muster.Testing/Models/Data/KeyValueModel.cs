namespace Muster.Testing;

/// <summary>
/// A string under a key; absent is the same as empty. <c>put</c> sets it, <c>append</c> adds to its end,
/// <c>get</c> answers it, with null or "" where there is none. Other scalars are put and got as they are, and
/// appended as their text.
/// </summary>
public sealed class KeyValueModel : Model<Value>
{
    private const int CharacterBytes = 2;

    // Where nothing is put: the longest that was got. Everything before is its beginning, all later begins
    // so.
    private readonly string? _longest;

    // All that were got, sorted.
    private readonly string[]? _seen;

    /// <summary>A key of any history.</summary>
    public KeyValueModel()
    {
    }

    private KeyValueModel(string? longest, string[] seen) => (_longest, _seen) = (longest, seen);

    /// <inheritdoc/>
    public override string Name => "kv";

    /// <inheritdoc/>
    public override string Description =>
        "A string a key; absent is the same as empty. put sets it, append adds to its end, an ok get carries "
        + "what it saw.";

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["get", "put", "append"];

    /// <inheritdoc/>
    public override Value Initial => "";

    /// <inheritdoc/>
    public override bool DependsOnProcess => false;

    /// <inheritdoc/>
    public override string? ProblemOfCall(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Argument.Kind == ValueKind.List ? "a key's value is a string, not a list." : null;
    }

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return ProblemOfRefusal(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(Value state, Operation operation, out Value next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        next = operation.Function switch
        {
            "put" => Present(operation.Argument),
            "append" when TextOf(operation.Argument) is { Length: > 0 } end => TextOf(state) + end,
            _ => state,
        };
        if (_longest is not null && operation.Function == "append" && !IsOnTheWay(TextOf(next), _longest))
        {
            return false;
        }
        if (operation.Outcome == Outcome.Unknown && _seen is not null && !IsSeenBeginning(TextOf(next)))
        {
            return false;
        }
        return operation.Function != "get" || operation.Outcome != Outcome.Ok
            || state == Present(operation.Answer);
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.Function == "get";
    }

    /// <summary>
    /// Of a key that is appended to and never put: the longest get tells the order of appends. And a put or
    /// append of unknown outcome after which the text begins none that was got is left out: until the next
    /// put nobody can get it, and the order without it is as good.
    /// </summary>
    public override Model<Value> Specialize(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        string[] seen =
        [
            .. operations.Where(operation => operation is { Function: "get", Outcome: Outcome.Ok })
                .Select(operation => TextOf(operation.Answer)).Distinct().Order(StringComparer.Ordinal),
        ];
        var isPut = operations.Any(operation => operation.Function == "put");
        return new KeyValueModel(isPut ? null : seen.MaxBy(text => text.Length) ?? "", seen);
    }

    /// <inheritdoc/>
    public override int EstimateBytes(Value state) => 48 + CharacterBytes * (state.Text?.Length ?? 0);

    private bool IsSeenBeginning(string text)
    {
        var at = Array.BinarySearch(_seen!, text, StringComparer.Ordinal);
        return at >= 0 || (~at < _seen!.Length && _seen[~at].StartsWith(text, StringComparison.Ordinal));
    }

    private static Value Present(Value value) => value.IsNull ? "" : value;

    private static bool IsOnTheWay(string text, string longest) => text.Length <= longest.Length
        ? longest.StartsWith(text, StringComparison.Ordinal)
        : text.StartsWith(longest, StringComparison.Ordinal);

    private static string TextOf(Value value) => value.Text ?? (value.IsNull ? "" : value.ToString());
}

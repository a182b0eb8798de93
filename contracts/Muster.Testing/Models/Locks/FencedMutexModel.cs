namespace Muster.Testing;

/// <summary>A lock with its newest fencing token.</summary>
/// <param name="Holder">Who holds it.</param>
/// <param name="Newest">The greatest token that was granted, as far as tokens are known.</param>
public readonly record struct FencedState(Holder Holder, long Newest);

/// <summary>
/// An owner's mutex (see <see cref="OwnerMutexModel"/>) whose grants carry tokens: an ok acquire's
/// <c>token</c> is above all tokens granted before. A grant without one, or of unknown outcome, is taken as
/// having any token that fits.
/// </summary>
public sealed class FencedMutexModel : Model<FencedState>
{
    /// <inheritdoc/>
    public override string Name => "fenced-mutex";

    /// <inheritdoc/>
    public override string Description =>
        "An owner-mutex whose ok acquires carry a token, each above all tokens granted before; an acquire "
        + "without one is taken as having one that fits."
        + MayBeLost;

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Functions => ["acquire", "release"];

    /// <inheritdoc/>
    public override FencedState Initial => new(Holder.Nobody, long.MinValue);

    /// <inheritdoc/>
    public override bool IsBounded => true;

    /// <inheritdoc/>
    public override string? ProblemOfAnswer(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation is { Function: "acquire", Token: null, Answer.WholeNumber: not null }
            && operation.Answer != operation.Argument
            ? "an acquire's token is its token, not its value."
            : ProblemOfValue(operation);
    }

    /// <inheritdoc/>
    public override bool TryStep(FencedState state, Operation operation, out FencedState next)
    {
        ArgumentNullException.ThrowIfNull(operation);
        next = state;
        if (!OwnerMutexModel.TryOwn(state.Holder, operation, out var holder))
        {
            return false;
        }
        next = state with { Holder = holder };
        if (operation is not { Function: "acquire", WasRefused: false, Token: { } token })
        {
            return true;
        }
        next = next with { Newest = token };
        return token > state.Newest;
    }

    /// <inheritdoc/>
    public override bool Observes(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.WasRefused;
    }

    /// <summary>
    /// A grant whose token another has too, or is not above one whose acquire was over before.
    /// </summary>
    public override Operation? FindImpossible(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var grants = operations
            .Where(operation => operation is { Function: "acquire", WasRefused: false, Token: not null })
            .ToList();
        var over = new Queue<Operation>(grants.OrderBy(grant => grant.CompletedAt));
        var tokens = new HashSet<long>();
        var newest = long.MinValue;
        foreach (var grant in grants)
        {
            while (over.TryPeek(out var earlier) && earlier.CompletedAt < grant.InvokedAt)
            {
                newest = Math.Max(newest, over.Dequeue().Token!.Value);
            }
            if (grant.Token!.Value <= newest || !tokens.Add(grant.Token.Value))
            {
                return grant;
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public override string Describe(FencedState state) =>
        (state.Holder.IsThere ? $"held by {state.Holder}" : "free")
        + (state.Newest == long.MinValue ? ", no token yet" : $", newest token {state.Newest}");
}

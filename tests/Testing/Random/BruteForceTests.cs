namespace Muster.Testing.Tests;

/// <summary>
/// The checker beside a brute-force one, on small histories: those of a right object are explained, and of
/// corrupted ones both say the same, down to the completion that the failing part ends with.
/// </summary>
public sealed class BruteForceTests
{
    private const int HistoriesOfEach = 3_000;

    [Fact]
    public void Registers_agree() => Agree(new RegisterModel());

    [Fact]
    public void Cas_registers_agree() => Agree(new CasRegisterModel());

    [Fact]
    public void Write_once_values_agree() => Agree(new WriteOnceModel());

    [Fact]
    public void Keys_agree() => Agree(new KeyValueModel());

    [Fact]
    public void Sets_agree() => Agree(new SetModel());

    [Fact]
    public void Queues_agree() => Agree(new QueueModel());

    [Fact]
    public void Queues_of_unique_items_agree() => Agree(new QueueModel(), "unique queue");

    [Fact]
    public void Mutexes_agree() => Agree(new MutexModel());

    [Fact]
    public void Owner_mutexes_agree() => Agree(new OwnerMutexModel());

    [Fact]
    public void Fenced_mutexes_agree() => Agree(new FencedMutexModel());

    [Fact]
    public void Reader_writer_locks_agree() => Agree(new ReaderWriterModel());

    [Fact]
    public void Semaphores_agree() => Agree(new SemaphoreModel(2));

    [Fact]
    public void Elections_agree() => Agree(new ElectionModel());

    private static void Agree<TState>(Model<TState> model, string? calls = null)
        where TState : notnull
    {
        var refuted = 0;
        var corruptedAndRight = 0;
        for (var seed = 0; seed < HistoriesOfEach; seed++)
        {
            var random = new RandomHistory<TState>(
                model, RandomCalls.Of(calls ?? model.Name), new Random(seed));
            var right = random.Create();
            Check(model, right).Verdict.ShouldBe(Verdict.Ok, $"seed {seed}");
            if (right.Count == 0)
            {
                continue;
            }
            var corrupted = random.Corrupt(random.Corrupt(right));
            var expected = BruteForce.IsLinearizable(model, corrupted);
            var result = Check(model, corrupted);
            result.Verdict.ShouldBe(
                expected ? Verdict.Ok : Verdict.NotOk, $"seed {seed}:\n{string.Join('\n', corrupted)}");
            SearchesAgree(model, corrupted, expected, $"seed {seed}");
            if (expected)
            {
                corruptedAndRight++;
                continue;
            }
            refuted++;
            IsSmallest(model, corrupted, result.Failure!).ShouldBeTrue($"seed {seed}: {result.Failure}");
        }
        // Either answer is put to the test.
        refuted.ShouldBeGreaterThan(HistoriesOfEach / 20);
        corruptedAndRight.ShouldBeGreaterThan(HistoriesOfEach / 20);
    }

    private static CheckResult Check(Model model, IReadOnlyList<Operation> operations) =>
        LinearizabilityChecker.Check(new History(operations), model);

    /// <summary>
    /// Each search by itself, also where the checker would not need it: with foreknowledge and without, and
    /// the one that repeats unknown outcomes, which may explain too much and never too little.
    /// </summary>
    private static void SearchesAgree(
        Model model, IReadOnlyList<Operation> operations, bool expected, string message)
    {
        var key = new KeyOperations(
            Value.Null, [.. operations.Where(operation => operation.Outcome != Outcome.Failed)]);
        var status = expected ? SearchStatus.Explained : SearchStatus.Refuted;
        foreach (var specializes in new[] { false, true })
        {
            Run(repeats: false, specializes).ShouldBe(status, message);
            if (expected && model.IsBounded)
            {
                Run(repeats: true, specializes).ShouldBe(SearchStatus.Explained, message);
            }
        }

        SearchStatus Run(bool repeats, bool specializes) =>
            model.NewSearch(key, new SearchRules(specializes, repeats)).Run(int.MaxValue);
    }

    /// <summary>The part is refuted, the one that ends before its last completion is not.</summary>
    private static bool IsSmallest<TState>(
        Model<TState> model, IReadOnlyList<Operation> operations, FailingPart part)
        where TState : notnull
    {
        var end = part.Blocked.CompletedAt;
        var before = operations
            .Where(operation => operation.Outcome == Outcome.Ok && operation.CompletedAt < end)
            .Select(operation => operation.CompletedAt)
            .DefaultIfEmpty(0).Max();
        return !BruteForce.IsLinearizable(model, Beginning(operations, end))
            && !BruteForce.IsLinearizable(model, part.Operations)
            && BruteForce.IsLinearizable(model, Beginning(operations, before));
    }

    private static List<Operation> Beginning(IReadOnlyList<Operation> operations, long end) =>
        [.. operations
            .Where(operation => operation.InvokedAt < end)
            .Select(operation => operation.CompletedAt <= end || operation.Outcome == Outcome.Failed
                ? operation
                : operation with
                {
                    Outcome = Outcome.Unknown,
                    Answer = Value.Null,
                    Result = null,
                    Token = null,
                    CompletedAt = long.MaxValue,
                })];
}

namespace Muster.Testing.Tests;

/// <summary>What may be called on an object, and what each call could answer at all.</summary>
internal sealed record RandomCalls(
    Func<Random, (string Function, Value Argument)> Next, Func<Operation, IReadOnlyList<Operation>> Answers)
{
    private static readonly Value[] Numbers = [Value.Null, 1, 2];
    private static readonly string[] Texts =
        ["", .. "ab".Select(c => $"{c}"), .. "ab".SelectMany(c => "ab".Select(d => $"{c}{d}"))];
    private static readonly bool?[] Results = [null, false];

    public static RandomCalls Of(string model) => model switch
    {
        "register" => new(r => r.Next(2) == 0 ? ("read", default) : ("write", Any(r)), Read),
        "cas-register" => new(r => r.Next(3) switch
        {
            0 => ("read", default),
            1 => ("write", Any(r)),
            _ => ("cas", Value.ListOf(Any(r), Any(r))),
        }, Read),
        "write-once" => new(r => r.Next(2) == 0 ? ("read", default) : ("propose", r.Next(1, 3)),
            // Who proposes is answered what is decided, and that is not null.
            operation => With(operation, operation.Function == "read" ? Numbers : Numbers[1..])),
        "kv" => new(r => r.Next(3) switch
        {
            0 => ("get", default),
            1 => ("put", Texts[r.Next(3)]),
            _ => ("append", Texts[r.Next(3)]),
        }, operation => operation.Function == "get"
            ? With(operation, Texts.Select(Value.FromString))
            : [operation]),
        "set" => new(r => r.Next(2) == 0 ? ("read", default) : ("add", r.Next(3)),
            operation => operation.Function == "read" ? With(operation, Subsets()) : [operation]),
        "queue" => Queue(r => r.Next(1, 3)),
        "unique queue" => UniqueQueue(),
        "semaphore:2" => new(r => (r.Next(2) == 0 ? "acquire" : "release", Numbers[r.Next(3)]), Lock),
        "reader-writer" => new(r => r.Next(2) == 0
            ? ("acquire", r.Next(2) == 0 ? "read" : "write")
            : ("release", default), Lock),
        "election" => new(r => (r.Next(2) == 0 ? "elect" : "resign", default),
            operation => operation.Function == "elect"
                ? [.. Lock(operation), .. With(operation, [1, 2, 3])]
                : Lock(operation)),
        _ => new(r => (r.Next(2) == 0 ? "acquire" : "release", default), Lock),
    };

    private static RandomCalls Queue(Func<Random, Value> item) => new(
        r => r.Next(2) == 0 ? ("dequeue", default) : ("enqueue", item(r)),
        operation => operation.Function == "dequeue"
            ? With(operation, [Value.Null, 1, 2, 3, 4])
            : [operation]);

    private static RandomCalls UniqueQueue()
    {
        var last = 0L;
        return Queue(_ => ++last);
    }

    private static Value Any(Random random) => Numbers[random.Next(3)];

    private static List<Operation> Read(Operation operation) => operation.Function switch
    {
        "read" => With(operation, Numbers),
        "cas" => [operation with { Result = true }, operation with { Result = false }],
        _ => [operation],
    };

    private static List<Operation> Lock(Operation operation) =>
        [.. Results.Select(result => operation with { Result = result })];

    private static List<Operation> With(Operation operation, IEnumerable<Value> answers) =>
        [.. answers.Select(answer => operation with { Answer = answer })];

    private static IEnumerable<Value> Subsets() =>
        Enumerable.Range(0, 8).Select(bits => Value.ListOf(
            [.. Enumerable.Range(0, 3).Where(bit => (bits >> bit & 1) != 0).Select(bit => (Value)bit)]));
}

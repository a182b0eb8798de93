namespace Muster.Testing.Tests;

/// <summary>
/// A small history of an object that does what its model says: each operation takes effect somewhere between
/// its events, some outcomes stay unknown, some fail. It may be corrupted afterwards.
/// </summary>
internal sealed class RandomHistory<TState>(Model<TState> model, RandomCalls calls, Random random)
    where TState : notnull
{
    private const int Processes = 3;
    private const int MostOperations = 7;
    private const int MostEvents = 60;

    private readonly Operation?[] _open = new Operation?[Processes];
    private readonly bool[] _applied = new bool[Processes];
    private readonly List<Operation> _operations = [];
    private TState _state = model.Initial;
    private long _token;
    private long _place;

    public List<Operation> Create()
    {
        var wanted = random.Next(2, MostOperations + 1);
        for (var events = 0; events < MostEvents && _operations.Count < wanted; events++)
        {
            Advance(random.Next(Processes));
        }
        // What is open now never completes.
        return [.. _operations, .. _open.OfType<Operation>().Select(Unknown)];
    }

    /// <summary>Gives one operation another answer, which may be as right as the first.</summary>
    public List<Operation> Corrupt(List<Operation> operations)
    {
        var corrupted = operations.ToList();
        var index = random.Next(corrupted.Count);
        var chosen = corrupted[index];
        var answers = calls.Answers(chosen);
        corrupted[index] = chosen.Outcome != Outcome.Ok ? chosen with { Outcome = Outcome.Failed }
            : chosen.Token is { } token ? chosen with { Token = token - random.Next(3) }
            : answers[random.Next(answers.Count)];
        return corrupted;
    }

    private void Advance(int process)
    {
        if (_open[process] is not { } open)
        {
            var (function, argument) = calls.Next(random);
            _open[process] = new Operation
            {
                Process = process + 1,
                Function = function,
                Argument = argument,
                InvokedAt = ++_place,
            };
            _applied[process] = false;
        }
        else if (!_applied[process])
        {
            Apply(process, open);
        }
        else
        {
            End(process, random.Next(8) == 0 ? Unknown(open) : open with { CompletedAt = ++_place });
        }
    }

    private void Apply(int process, Operation open)
    {
        if (random.Next(12) == 0)
        {
            End(process, random.Next(2) == 0
                ? open with { Outcome = Outcome.Failed, CompletedAt = ++_place }
                : Unknown(open));
            return;
        }
        var answers = calls.Answers(open with { Outcome = Outcome.Ok }).ToArray();
        random.Shuffle(answers);
        foreach (var answer in answers)
        {
            var answered = answer is { Function: "acquire", Result: null } && random.Next(4) != 0
                ? answer with { Token = _token + 1 }
                : answer;
            if (model.TryStep(_state, answered, out var next))
            {
                _state = next;
                _token = answered.Token ?? _token;
                (_open[process], _applied[process]) = (answered, true);
                return;
            }
        }
    }

    private void End(int process, Operation ended)
    {
        _operations.Add(ended);
        _open[process] = null;
    }

    private static Operation Unknown(Operation open) => open with
    {
        Outcome = Outcome.Unknown,
        Answer = Value.Null,
        Result = null,
        Token = null,
        CompletedAt = long.MaxValue,
    };
}

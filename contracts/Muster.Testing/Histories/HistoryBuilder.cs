namespace Muster.Testing;

/// <summary>
/// Pairs invocations with completions. A process has one operation at a time; after an unknown outcome it
/// may invoke again, while that operation stays open for ever.
/// </summary>
public sealed class HistoryBuilder
{
    private readonly Dictionary<long, Operation> _open = [];
    private readonly List<Operation> _ended = [];
    private long _position;

    /// <summary>Adds the next event in order of real time.</summary>
    /// <exception cref="HistoryFormatException">It cannot follow those before it.</exception>
    public void Add(HistoryEvent next) => Add(next, _position + 1);

    /// <summary>Adds the next event, which stands in that line.</summary>
    /// <exception cref="HistoryFormatException">It cannot follow those before it.</exception>
    public void Add(HistoryEvent next, long line)
    {
        ArgumentNullException.ThrowIfNull(next);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(line, _position);
        _position = line;
        if (next.Type == EventType.Invoke)
        {
            Invoke(next);
        }
        else
        {
            Complete(next);
        }
    }

    /// <summary>The history so far; what is still open is of unknown outcome.</summary>
    public History Build() => new(_ended.Concat(_open.Values));

    private void Invoke(HistoryEvent next)
    {
        if (_open.TryGetValue(next.Process, out var open))
        {
            throw new HistoryFormatException(_position,
                $"process {next.Process} invokes while its '{open.Function}' of line {open.InvokedAt} "
                + "is open.");
        }
        _open.Add(next.Process, new Operation
        {
            Process = next.Process,
            Function = next.Function ?? throw new HistoryFormatException(_position, "an invoke needs an f."),
            Key = next.Key,
            Argument = next.Value,
            InvokedAt = _position,
            InvokedTime = next.Time,
        });
    }

    private void Complete(HistoryEvent next)
    {
        if (!_open.Remove(next.Process, out var open))
        {
            throw new HistoryFormatException(
                _position, $"process {next.Process} completes without an open invoke.");
        }
        if ((next.Function is { } function && function != open.Function)
            || (!next.Key.IsNull && next.Key != open.Key))
        {
            throw new HistoryFormatException(_position,
                $"it completes another operation than the '{open.Function}' of line {open.InvokedAt}.");
        }
        var ended = open with { CompletedTime = next.Time };
        _ended.Add(next.Type switch
        {
            EventType.Ok => ended with
            {
                Outcome = Outcome.Ok,
                CompletedAt = _position,
                Answer = next.Value,
                Result = next.Result,
                Token = next.Token,
            },
            EventType.Fail => ended with { Outcome = Outcome.Failed, CompletedAt = _position },
            _ => ended,
        });
    }
}

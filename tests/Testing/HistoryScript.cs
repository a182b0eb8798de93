namespace Muster.Testing.Tests;

/// <summary>A history written down event by event.</summary>
internal sealed class HistoryScript
{
    private readonly List<HistoryEvent> _events = [];

    public IReadOnlyList<HistoryEvent> Events => _events;

    public HistoryScript Invoke(
        long process, string function, Value argument = default, Value key = default) =>
        Add(new HistoryEvent
        {
            Process = process,
            Type = EventType.Invoke,
            Function = function,
            Key = key,
            Value = argument,
        });

    public HistoryScript Ok(long process, Value answer = default, bool? result = null, long? token = null) =>
        Add(new HistoryEvent
        {
            Process = process,
            Type = EventType.Ok,
            Value = answer,
            Result = result,
            Token = token,
        });

    public HistoryScript Fail(long process) =>
        Add(new HistoryEvent { Process = process, Type = EventType.Fail });

    public HistoryScript Info(long process) =>
        Add(new HistoryEvent { Process = process, Type = EventType.Info });

    /// <summary>Invoked, and ok before anything else happens.</summary>
    public HistoryScript Do(
        long process, string function, Value argument = default, Value answer = default, bool? result = null,
        long? token = null, Value key = default) =>
        Invoke(process, function, argument, key).Ok(process, answer, result, token);

    public History History() => Testing.History.Of(Events);

    public CheckResult Check(string model, CheckOptions? options = null) =>
        LinearizabilityChecker.Check(History(), Models.Find(model)!, options);

    public void ShouldBe(string model, Verdict verdict) => Check(model).Verdict.ShouldBe(verdict);

    private HistoryScript Add(HistoryEvent next)
    {
        _events.Add(next);
        return this;
    }
}

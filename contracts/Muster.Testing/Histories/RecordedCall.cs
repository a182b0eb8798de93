namespace Muster.Testing;

/// <summary>
/// An operation under way. It is completed once; disposed without a completion its outcome is unknown, which
/// is what an exception on the way means.
/// </summary>
public sealed class RecordedCall : IDisposable
{
    private readonly HistoryRecorder _recorder;
    private readonly HistoryEvent _invoke;
    private int _isCompleted;

    internal RecordedCall(HistoryRecorder recorder, HistoryEvent invoke) =>
        (_recorder, _invoke) = (recorder, invoke);

    /// <summary>
    /// It is done: with the value it answered, false for <paramref name="result"/> when it was seen that it
    /// could not be done, and the fencing token of a grant.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is completed already.</exception>
    public void Ok(Value answer = default, bool? result = null, long? token = null) =>
        Complete(Completion(EventType.Ok) with { Value = answer, Result = result, Token = token });

    /// <summary>It certainly had no effect.</summary>
    /// <exception cref="InvalidOperationException">It is completed already.</exception>
    public void Fail() => Complete(Completion(EventType.Fail));

    /// <summary>Nobody knows whether it had or will have an effect.</summary>
    /// <exception cref="InvalidOperationException">It is completed already.</exception>
    public void Unknown() => Complete(Completion(EventType.Info));

    /// <summary>Leaves the outcome unknown, unless it was completed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) == 0)
        {
            _recorder.Complete(Completion(EventType.Info));
        }
    }

    private HistoryEvent Completion(EventType type) => _invoke with { Type = type, Value = Value.Null };

    private void Complete(HistoryEvent completion)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
        {
            throw new InvalidOperationException("The operation is completed already.");
        }
        _recorder.Complete(completion);
    }
}

namespace Muster.Serving;

/// <summary>
/// Publishes events, and of those that nobody is bound to only the first of each turn. That one is the
/// question whether somebody is bound now: it leaves after all of its turn came to be, so when it goes
/// nowhere, whoever binds later does so after all of them and has no claim to any.
/// </summary>
/// <param name="contractOf">The contract under which an event leaves.</param>
/// <param name="publish">Publishes one; false: it went to nobody.</param>
public sealed class EventAudience<TEvent>(
    Func<TEvent, Type> contractOf, Func<TEvent, CancellationToken, Task<bool>> publish)
    where TEvent : class
{
    private readonly HashSet<Type> _unheard = [];

    /// <returns>Whether anybody was bound to any of them.</returns>
    public async Task<bool> PublishAsync(IReadOnlyList<TEvent> turn, CancellationToken cancellationToken)
    {
        var questions = turn.Where(one => _unheard.Contains(contractOf(one))).DistinctBy(contractOf).ToList();
        var isHeard = await PublishAllAsync(questions, cancellationToken);
        var asked = new HashSet<TEvent>(questions, ReferenceEqualityComparer.Instance);
        var rest = turn.Where(one => !_unheard.Contains(contractOf(one)) && !asked.Contains(one)).ToList();
        return await PublishAllAsync(rest, cancellationToken) || isHeard;
    }

    /// <summary>The last word on a contract counts: somebody may have come or gone between two.</summary>
    private async Task<bool> PublishAllAsync(List<TEvent> events, CancellationToken cancellationToken)
    {
        var heard = await Task.WhenAll(events.Select(one => publish(one, cancellationToken)));
        foreach (var (one, isHeard) in events.Zip(heard))
        {
            _ = isHeard ? _unheard.Remove(contractOf(one)) : _unheard.Add(contractOf(one));
        }
        return heard.Contains(true);
    }
}

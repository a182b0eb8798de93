namespace Muster.Serving;

/// <summary>
/// Publishes events, and of those that nobody is bound to only the first of each turn. That one is the
/// question whether somebody is bound now: it leaves after all of its turn came to be, so when it goes
/// nowhere, whoever binds later does so after all of them and has no claim to any.
/// </summary>
public sealed class EventAudience
{
    private readonly HashSet<Type> _unheard = [];

    /// <returns>Whether anybody was bound to any of them.</returns>
    public async Task<bool> PublishAsync(
        IReadOnlyList<OutgoingEvent> turn, CancellationToken cancellationToken)
    {
        var questions = turn.Where(IsUnheard).DistinctBy(one => one.Contract).ToList();
        var isHeard = await PublishAllAsync(questions, cancellationToken);
        var asked = new HashSet<OutgoingEvent>(questions, ReferenceEqualityComparer.Instance);
        var rest = turn.Where(one => !IsUnheard(one) && !asked.Contains(one)).ToList();
        return await PublishAllAsync(rest, cancellationToken) || isHeard;
    }

    private bool IsUnheard(OutgoingEvent one) => _unheard.Contains(one.Contract);

    /// <summary>The last word on a contract counts: somebody may have come or gone between two.</summary>
    private async Task<bool> PublishAllAsync(List<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        var heard = await Task.WhenAll(events.Select(one => one.PublishAsync(cancellationToken)));
        foreach (var (one, isHeard) in events.Zip(heard))
        {
            _ = isHeard ? _unheard.Remove(one.Contract) : _unheard.Add(one.Contract);
        }
        return heard.Contains(true);
    }
}

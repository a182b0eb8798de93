namespace Muster.Contracts.Lock;

/// <summary>
/// Finds circles among waits, of one group or of several put together. The same waits in the same order give
/// the same circles.
/// </summary>
public static class DeadlockSearch
{
    /// <summary>Circles without a flow in common, the ordinally first ones.</summary>
    /// <param name="waits">Of any number of groups; a flow may wait several times.</param>
    /// <param name="most">At most so many circles.</param>
    public static IReadOnlyList<Deadlock> Circles(IEnumerable<LockWait> waits, int most)
    {
        ArgumentNullException.ThrowIfNull(waits);
        var waitsOf = new SortedDictionary<string, List<LockWait>>(StringComparer.Ordinal);
        foreach (var wait in waits.Where(wait => !IsOwnTurn(wait)))
        {
            var waiter = FlowOf(wait.Waiter);
            if (!waitsOf.TryGetValue(waiter, out var own))
            {
                waitsOf[waiter] = own = [];
            }
            own.Add(wait);
        }
        var found = new List<Deadlock>();
        DropWhoGetsOn(waitsOf);
        while (waitsOf.Count > 0 && found.Count < most)
        {
            var circle = Walk(waitsOf);
            found.Add(new Deadlock { Waits = circle });
            foreach (var wait in circle)
            {
                waitsOf.Remove(FlowOf(wait.Waiter));
            }
            DropWhoGetsOn(waitsOf);
        }
        return found;
    }

    /// <summary>
    /// Whoever waits for its own wait, which is before it in the queue, has its turn after itself: a circle
    /// of one is who waits for what it holds.
    /// </summary>
    private static bool IsOwnTurn(LockWait wait) =>
        !wait.IsHeld && FlowOf(wait.Waiter) == FlowOf(wait.Blocker);

    /// <summary>
    /// Leaves those who wait, over however many others, for each other: whoever waits only for flows that do
    /// not wait is in no circle, and then whoever waits only for such ones.
    /// </summary>
    private static void DropWhoGetsOn(SortedDictionary<string, List<LockWait>> waitsOf)
    {
        var waitersFor = waitsOf.Values.SelectMany(waits => waits)
            .ToLookup(wait => FlowOf(wait.Blocker), wait => FlowOf(wait.Waiter));
        var blockers = waitsOf.ToDictionary(
            pair => pair.Key, pair => pair.Value.Count(wait => waitsOf.ContainsKey(FlowOf(wait.Blocker))));
        var free = new Queue<string>(
            waitsOf.Keys.Where(flow => blockers[flow] == 0));
        while (free.TryDequeue(out var flow))
        {
            waitsOf.Remove(flow);
            foreach (var waiter in waitersFor[flow].Where(waitsOf.ContainsKey))
            {
                if (--blockers[waiter] == 0)
                {
                    free.Enqueue(waiter);
                }
            }
        }
    }

    /// <summary>Everybody left waits for somebody left: any walk comes back to where it was.</summary>
    private static List<LockWait> Walk(SortedDictionary<string, List<LockWait>> waitsOf)
    {
        var (path, places) = (new List<LockWait>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var at = waitsOf.Keys.First();
        while (places.TryAdd(at, path.Count))
        {
            var next = waitsOf[at].First(wait => waitsOf.ContainsKey(FlowOf(wait.Blocker)));
            path.Add(next);
            at = FlowOf(next.Blocker);
        }
        return path.GetRange(places[at], path.Count - places[at]);
    }

    /// <summary>A flow is the same in each group, where its session is another.</summary>
    private static string FlowOf(LockParty party) =>
        party.Flow.Length > 0 ? "flow " + party.Flow : "session " + party.SessionId;
}

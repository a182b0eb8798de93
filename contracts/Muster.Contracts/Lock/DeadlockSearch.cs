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
        var ways = WaysOf(waits);
        var found = new List<Deadlock>();
        DropWhoGetsOn(ways);
        while (ways.Count > 0 && found.Count < most)
        {
            var circle = Walk(ways);
            found.Add(new Deadlock { Waits = circle });
            foreach (var flow in circle.Select(wait => FlowOf(wait.Waiter)))
            {
                Drop(ways, flow);
            }
            DropWhoGetsOn(ways);
        }
        return found;
    }

    /// <summary>
    /// An acquire that waits is over when what is in its way is: who holds, with all waits of its flow, since
    /// it may let go only after them; and who waits before it, with that one wait, since it may get on then
    /// whatever else its flow waits for.
    /// </summary>
    private static SortedDictionary<string, List<Way>> WaysOf(IEnumerable<LockWait> waits)
    {
        var ways = new SortedDictionary<string, List<Way>>(StringComparer.Ordinal);
        foreach (var wait in waits)
        {
            var waiter = AcquireOf(wait.Waiter);
            if (!ways.ContainsKey(waiter))
            {
                From(FlowOf(wait.Waiter)).Add(new(waiter, null));
            }
            From(waiter).Add(new(wait.IsHeld ? FlowOf(wait.Blocker) : AcquireOf(wait.Blocker), wait));
        }
        return ways;

        List<Way> From(string at)
        {
            if (!ways.TryGetValue(at, out var own))
            {
                ways[at] = own = [];
            }
            return own;
        }
    }

    private static void Drop(SortedDictionary<string, List<Way>> ways, string flow)
    {
        foreach (var own in ways.GetValueOrDefault(flow, []))
        {
            ways.Remove(own.To);
        }
        ways.Remove(flow);
    }

    /// <summary>
    /// Leaves those who wait, over however many others, for each other: whoever waits only for what does not
    /// wait is in no circle, and then whoever waits only for such ones.
    /// </summary>
    private static void DropWhoGetsOn(SortedDictionary<string, List<Way>> ways)
    {
        var waitersFor = ways.SelectMany(pair => pair.Value.Select(way => (way.To, From: pair.Key)))
            .ToLookup(way => way.To, way => way.From);
        var blockers = ways.ToDictionary(
            pair => pair.Key, pair => pair.Value.Count(way => ways.ContainsKey(way.To)));
        var free = new Queue<string>(ways.Keys.Where(at => blockers[at] == 0));
        while (free.TryDequeue(out var at))
        {
            ways.Remove(at);
            foreach (var waiter in waitersFor[at].Where(ways.ContainsKey))
            {
                if (--blockers[waiter] == 0)
                {
                    free.Enqueue(waiter);
                }
            }
        }
    }

    /// <summary>Everybody left waits for somebody left: any walk comes back to where it was.</summary>
    private static List<LockWait> Walk(SortedDictionary<string, List<Way>> ways)
    {
        var (path, places) = (new List<LockWait>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var at = ways.Keys.First();
        while (places.TryAdd(at, path.Count))
        {
            var next = ways[at].First(way => ways.ContainsKey(way.To));
            if (next.Wait is { } wait)
            {
                path.Add(wait);
            }
            at = next.To;
        }
        return path.GetRange(places[at], path.Count - places[at]);
    }

    /// <summary>A flow is the same in each group, where its session is another.</summary>
    private static string FlowOf(LockParty party) =>
        party.Flow.Length > 0 ? "flow " + party.Flow : "session " + party.SessionId;

    /// <summary>Ordinally behind all flows: a walk starts with one of those.</summary>
    private static string AcquireOf(LockParty party) => $"wait {party.SessionId}\n{party.AcquireId}";

    /// <summary>From a flow to one of its acquires that waits, or from that to who is in its way.</summary>
    private readonly record struct Way(string To, LockWait? Wait);
}

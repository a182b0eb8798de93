using Shouldly;

namespace Muster.Cluster.Load;

/// <summary>A grant as its holder saw it, in timestamps of the machine's monotonic clock.</summary>
/// <param name="Lock">Of what.</param>
/// <param name="Token">Its token.</param>
/// <param name="Asked">Before the acquire was sent.</param>
/// <param name="Granted">After its answer.</param>
public readonly record struct SeenGrant(string Lock, long Token, long Asked, long Granted);

/// <summary>What must be true of the tokens of one lock, and of all locks of one group together.</summary>
public static class TokenOrder
{
    /// <summary>
    /// No token twice, and each above those whose acquires were over before its own began. Between two that
    /// ran at once time says nothing.
    /// </summary>
    public static void Judge(IReadOnlyList<SeenGrant> grants)
    {
        foreach (var same in grants.GroupBy(grant => grant.Token).Where(some => some.Skip(1).Any()))
        {
            throw new ShouldAssertException($"Grants with one token:\n  {string.Join("\n  ", same)}");
        }
        var over = new Queue<SeenGrant>(grants.OrderBy(grant => grant.Granted));
        SeenGrant? newest = null;
        foreach (var grant in grants.OrderBy(grant => grant.Asked))
        {
            while (over.TryPeek(out var earlier) && earlier.Granted < grant.Asked)
            {
                newest = earlier.Token > (newest?.Token ?? 0) ? earlier : newest;
                over.Dequeue();
            }
            if (grant.Token <= newest?.Token)
            {
                throw new ShouldAssertException(
                    $"A later grant without a greater token:\n  {newest}\n  {grant}");
            }
        }
    }
}

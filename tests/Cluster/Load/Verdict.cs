using Shouldly;

namespace Muster.Cluster.Load;

/// <summary>What must be true of every history, whatever was killed, paused or cut meanwhile.</summary>
public static class Verdict
{
    /// <summary>No moment at which two holders of one lock both had a handle that said "not lost".</summary>
    public static void NoTwoHolders(IEnumerable<Hold> holds)
    {
        foreach (var group in holds.GroupBy(hold => hold.Lock))
        {
            Hold? last = null;
            foreach (var hold in group.OrderBy(hold => hold.From))
            {
                if (last is not null && hold.From < last.Until)
                {
                    throw new ShouldAssertException($"{hold.Lock} had two holders:\n  {last}\n  {hold}");
                }
                last = last is null || hold.Until > last.Until ? hold : last;
            }
        }
    }

    /// <summary>
    /// In the order of the holds each token is greater than all before: no grant was given twice, none went
    /// back.
    /// </summary>
    public static void TokensGrow(IEnumerable<Hold> holds)
    {
        foreach (var group in holds.GroupBy(hold => hold.Lock))
        {
            Hold? last = null;
            foreach (var hold in group.OrderBy(hold => hold.From))
            {
                if (last is not null && hold.Token <= last.Token)
                {
                    throw new ShouldAssertException(
                        $"{hold.Lock}: a later hold without a greater token:\n  {last}\n  {hold}");
                }
                last = hold;
            }
            group.Select(hold => hold.AcquireId).ShouldBeUnique();
        }
    }

    /// <summary>
    /// Every acknowledged write is there, once, and later writes of a lock carry greater tokens.
    /// </summary>
    public static void LedgerHolds(IEnumerable<AcknowledgedWrite> acknowledged, GuardedLedger ledger)
    {
        var results = ledger.Results();
        results.Select(result => (result.Item, result.Words, result.Token)).Order().ToList()
            .ShouldBe(
                acknowledged.Select(write => (write.Lock, write.Id, write.Token.Value)).Order().ToList());
        foreach (var group in results.GroupBy(result => result.Item))
        {
            var tokens = group.Select(result => result.Token).ToList();
            tokens.ShouldBe(tokens.Distinct().Order().ToList(), $"the writes of {group.Key}, in their order");
        }
    }
}

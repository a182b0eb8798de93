using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Lock.Machine;

/// <summary>
/// The answer that a hold was granted with, as nearly all are: of one name, never upgraded, of this group. It
/// says again what the hold is; these numbers are all that it adds, and a snapshot has them in its place.
/// </summary>
internal readonly record struct PlainGrant(
    long TakeoverMilliseconds, long Epoch, LogIndex Index, int Ordinal, long Number)
{
    /// <summary>
    /// Null for an answer that says anything else. Compared whole, so that a field that is new in the
    /// contract is never left out.
    /// </summary>
    public static PlainGrant? Of(Genesis? genesis, Acquire acquire)
    {
        // A list is compared by its place in memory, which is not the same on every replica.
        if (genesis is null || acquire is not { Upgrades: null, Upgrade: null, Claim.Several: null }
            || acquire.Reply is not { LockGranted: { Event: { } id, Names: null } granted } reply)
        {
            return null;
        }
        var plain = new PlainGrant(
            granted.TakeoverMilliseconds, id.Epoch, id.Index, id.Ordinal, id.Number);
        var session = acquire.Session;
        return plain.ReplyTo(genesis, (session.Id, session.Owner), acquire.Id, acquire.Claim, acquire.Token)
            == reply ? plain : null;
    }

    public LockReply ReplyTo(
        Genesis genesis, (string Id, string Owner) session, string id, LockClaim claim, FencingToken token) =>
        new()
        {
            LockGranted = new()
            {
                CommandId = id,
                SessionId = session.Id,
                Owner = session.Owner,
                Name = claim.Name,
                Mode = claim.Mode,
                Permits = claim.Permits,
                FencingToken = token,
                TakeoverMilliseconds = TakeoverMilliseconds,
                Event = new()
                {
                    Group = genesis.Group,
                    Epoch = Epoch,
                    Index = Index,
                    Ordinal = Ordinal,
                    Number = Number,
                },
                Freshness = new() { ClusterId = genesis.ClusterId, Epoch = Epoch, Index = Index },
            },
        };
}

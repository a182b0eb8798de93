using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// A leader's snapshot as its parts arrive, in order. One of another term or index begins anew: two leaders'
/// snapshots of one index need not have the same bytes.
/// </summary>
internal sealed class IncomingSnapshot
{
    private GroupSnapshot? head;
    private Term term;
    private byte[] bytes = [];
    private int received;

    /// <summary>Once, when the last part is there.</summary>
    public GroupSnapshot? TakeWhole()
    {
        if (head is null || received < bytes.Length) return null;
        var whole = head with { Payload = bytes };
        Forget();
        return whole;
    }

    /// <summary>Takes a part if it is the next one; says how many bytes are there without a gap.</summary>
    public int Take(InstallSnapshot part)
    {
        var isOther = head is null || part.Term != term || part.Snapshot.Index != head.Index
            || part.TotalBytes != bytes.Length;
        if (isOther)
        {
            var isPossible = part.TotalBytes is >= 0 and <= LogEntry.LargestPayloadBytes;
            if (part.Offset != 0 || !isPossible) return 0;
            (head, term, received) = (part.Snapshot, part.Term, 0);
            bytes = new byte[part.TotalBytes];
        }

        var data = part.Snapshot.Payload;
        if (part.Offset != received || data.Length > bytes.Length - received) return received;
        data.CopyTo(bytes, received);
        received += data.Length;
        return received;
    }

    /// <summary>The log has come past it another way.</summary>
    public void ForgetUpTo(LogIndex index)
    {
        if (head?.Index <= index) Forget();
    }

    public void Forget() => (head, bytes, received) = (null, [], 0);
}

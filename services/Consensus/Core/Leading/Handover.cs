using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Core;

/// <summary>
/// A leadership on its way to another node. It outlives the leadership: whoever asked for it is told when the
/// next leader is heard. Proposals wait meanwhile, so that the successor's log can become as long as the
/// leader's.
/// </summary>
internal sealed class Handover
{
    private readonly List<ProposalReceived> held = [];
    private long heldBytes;
    private TransferReceived? asked;

    /// <summary>The node stops: it neither stands nor takes a leadership that is handed to it.</summary>
    public bool IsLeaving { get; private set; }

    public bool IsOpen => Deadline != long.MaxValue;

    /// <summary>When it has failed; never while none is open.</summary>
    public long Deadline { get; private set; } = long.MaxValue;

    public NodeId Successor { get; private set; }

    /// <summary>The term of the leadership that is handed over.</summary>
    public Term Term { get; private set; }

    public void Leave() => IsLeaving = true;

    public void Begin(NodeId successor, Term term, long deadline, TransferReceived? askedBy) =>
        (Successor, Term, Deadline, asked) = (successor, term, deadline, askedBy);

    /// <summary>False, and the proposal is not kept, when so many bytes wait already.</summary>
    public bool TryHold(ProposalReceived proposal, long maxBytes)
    {
        var bytes = proposal.Proposal.Payloads.Sum(payload => (long)payload.Length + LogWindow.EntryOverhead);
        if (heldBytes + bytes > maxBytes) return false;
        held.Add(proposal);
        heldBytes += bytes;
        return true;
    }

    /// <summary>What waited.</summary>
    public IReadOnlyList<ProposalReceived> Release()
    {
        var all = held.ToArray();
        held.Clear();
        heldBytes = 0;
        return all;
    }

    /// <summary>It is over; returns who asked for it.</summary>
    public TransferReceived? End()
    {
        var askedBy = asked;
        (asked, Deadline, Successor) = (null, long.MaxValue, NodeId.None);
        return askedBy;
    }
}

using Muster.Bus;
using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Transport;

/// <summary>
/// Everything that leaves a node. Nothing here waits or throws: what is lost is asked for again.
/// </summary>
internal sealed class NodeOutbox(
    IBusLink link, BusNames names, NodeSetup setup, ConsensusStore store,
    Action<ReplyAddress, object> sendEnvelope)
{
    private const int MaxPublishBytes = 512 * 1024;

    /// <summary>
    /// More becomes committed in one step only after a restart of all nodes: everything since the snapshot.
    /// Writing that out would hold the loop for longer than an election takes, for each leader in turn.
    /// </summary>
    private const long MaxPublishedAtOnce = 4 * 1024 * 1024;

    private readonly PeerOutbox _peers = new(link, setup, store);

    /// <summary>Part of it waits for <see cref="FlushPeers"/>.</summary>
    public void SendPeers(string group, IReadOnlyList<PeerMessage> messages)
    {
        foreach (var message in messages)
        {
            _peers.Send(group, message);
        }
    }

    public void SendPeer(string group, PeerMessage message) => _peers.Send(group, message);

    public void FlushPeers() => _peers.Flush();

    public void SendSelf(LoopBack probe) => link.Send(BusNames.ConsensusAddress(setup.Node.Value), probe);

    /// <summary>Hands a request to the leader, which answers whoever asked.</summary>
    public void Forward(NodeId leader, RequestArrived arrived) =>
        link.Send(BusNames.ConsensusAddress(leader.Value), arrived.Request, new SendOptions
        {
            ReplyTo = arrived.From.Address,
            CorrelationId = arrived.From.RequestId,
        });

    public void Reply(ReplyAddress to, object answer)
    {
        if (to.Address.Length == 0) return;
        var message = WireCheck.Stamp(answer, store.LogId);
        var options = new SendOptions { CorrelationId = to.RequestId };
        if (to.Address.StartsWith(ReplyAddress.InboxScheme, StringComparison.Ordinal))
        {
            link.Send(to.Address[ReplyAddress.InboxScheme.Length..], message, options);
        }
        else if (to.Address.StartsWith(ReplyAddress.QueueScheme, StringComparison.Ordinal))
        {
            link.SendToQueue(to.Address[ReplyAddress.QueueScheme.Length..], message, options);
        }
        else
        {
            sendEnvelope(to, message);
        }
    }

    /// <summary>Tells the group's replicas what became committed, once for all of them.</summary>
    public void PublishCommitted(GroupRunner group, RaftOutput output)
    {
        var entries = output.Committed;
        if (entries.Sum(entry => (long)entry.Payload.Length) > MaxPublishedAtOnce)
        {
            // The replicas read what they lack.
            Publish(group, [], group.Core.CommitIndex);
            return;
        }
        for (var next = 0; next < entries.Count;)
        {
            var (first, bytes) = (next, 0);
            do
            {
                bytes += entries[next++].Payload.Length;
            }
            while (next < entries.Count && bytes + entries[next].Payload.Length <= MaxPublishBytes);
            // A chunk tells no more than it brings, or replicas would ask for what the next one holds.
            var commit = next == entries.Count ? group.Core.CommitIndex : entries[next - 1].Index;
            Publish(group, [.. entries.Skip(first).Take(next - first)], commit);
        }
        if (output.AnnounceCommit && entries.Count == 0) Publish(group, [], group.Core.CommitIndex);
    }

    /// <summary>
    /// To the group's replicas, which resend what is unanswered, and as an event for anybody.
    /// </summary>
    public void PublishElected(GroupRunner group, LeaderElected elected)
    {
        var stamped = elected with
        {
            ClusterId = setup.Identity.ClusterId,
            LogId = store.LogId,
            Group = group.Name,
            Protocol = ConsensusProtocol.Spoken,
        };
        setup.Logger.Elected(setup.Node, group.Name, stamped.Term, group.Core.CommitIndex);
        link.Publish(names.Committed(group.Name), stamped);
        _ = PublishEventAsync(stamped, group.Name);
    }

    /// <summary>An event for anybody who watches a group's members.</summary>
    public void PublishMembers(GroupRunner group, MembersChanged change)
    {
        var stamped = change with { ClusterId = setup.Identity.ClusterId, LogId = store.LogId };
        setup.Logger.MembersChanged(
            setup.Node, group.Name, string.Join(", ", change.Membership.Members.Select(Text)), change.Index);
        _ = PublishEventAsync(stamped, group.Name);

        static string Text(GroupMember member) => $"{member.Node} ({member.Role}, disk {member.DiskId})";
    }

    private void Publish(GroupRunner group, IReadOnlyList<LogEntry> entries, LogIndex commit) =>
        link.Publish(names.Committed(group.Name), new EntriesCommitted
        {
            ClusterId = setup.Identity.ClusterId,
            LogId = store.LogId,
            Group = group.Name,
            Leader = setup.Node,
            Term = group.Core.Term,
            Entries = entries,
            CommitIndex = commit,
            Protocol = ConsensusProtocol.Spoken,
        });

    private async Task PublishEventAsync<T>(T message, string group)
        where T : class
    {
        try
        {
            await link.PublishEventAsync(message, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            setup.Logger.EventNotPublished(setup.Node, group, failure.Message);
        }
    }
}

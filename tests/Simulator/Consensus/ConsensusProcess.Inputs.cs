using Muster.Consensus.Core;
using Muster.Consensus.Driver;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Simulator;

/// <summary>What comes in to a node, on its way to the groups' cores.</summary>
internal sealed partial class ConsensusProcess
{
    public void OnMessage(BusMessage message)
    {
        if (message.Body is AnnounceDisk or DiskRefused)
        {
            Take(new PeerArrived((PeerMessage)message.Body));
        }
        else if (message.Body is PeerMessage peer)
        {
            Take(new PeerArrived(_world.Mutation.OnPeer(Of(peer.Group), peer)));
        }
        else
        {
            var from = ReplyAddress.Inbox(message.ReplyTo, Requests.IdOf(message.Body));
            Take(new RequestArrived(from, GroupOf(message.Body), message.Body, MayForward: false));
        }
    }

    private void Take(NodeInput input)
    {
        _waiting.Add(input);
        // What comes while the loop works or writes is one step.
        Arm(Scheduler.Now + _chance.Between(5, 60));
    }

    private void Accept(NodeInput input)
    {
        switch (input)
        {
            case PeerArrived { Message: var message }:
                _world.Trace.Add("took", Name, message.RequestId, message);
                if (!_roll.Admits(message)) break;
                ForgetFor(message);
                Of(message.Group).Runner.Add(new PeerReceived(message));
                break;
            case ConnectionNews { Input: OwnConnectionChanged own }:
                _isConnected = own.IsUp;
                if (own.IsUp) _roll.Connected();
                if (_tookPart) ToAll(_ => own);
                break;
            case ConnectionNews { Input: ConnectionLost lost } when _tookPart:
                _isHinted = true;
                ToAll(group => _world.Mutation.OnHint(group, lost));
                break;
            case LeaveRequested when _roll.TakesPart:
                ToAll(_ => new LeaveReceived());
                break;
            case RequestArrived request:
                Accept(Of(request.Group), request);
                break;
        }
    }

    private void ToAll(Func<SimulatedGroup, RaftInput> input)
    {
        foreach (var group in Groups)
        {
            group.Runner.Add(input(group));
        }
    }

    private void Accept(SimulatedGroup group, RequestArrived arrived)
    {
        var id = Requests.IdOf(arrived.Request);
        if (WireCheck.Problem(arrived.Request, Folder.LogId) is { } otherLog)
        {
            Reply(group, arrived.From, group.Runner.Refusal(id, otherLog.Reason, otherLog.Message));
        }
        else if (arrived.Request is not DescribeGroup && (!_roll.TakesPart || !HasLog))
        {
            Reply(group, arrived.From, group.Runner.Refusal(
                id, ConsensusRefusal.NotLeader, "It takes no part."));
        }
        else if (LocalAnswers.To(
            arrived.Request, group.Runner, NodeSettings.ClusterId, LocalMilliseconds) is { } answer)
        {
            Reply(group, arrived.From, answer);
        }
        else if (Requests.Problem(arrived.Request) is { } problem)
        {
            Reply(group, arrived.From, group.Runner.Refusal(id, ConsensusRefusal.Invalid, problem));
        }
        else if (_world.Mutation.OnRequest(group, arrived.Request) is { } early)
        {
            Reply(group, arrived.From, early);
        }
        else
        {
            var offered = arrived with { Request = _world.Mutation.OnOffered(arrived.Request) };
            group.Runner.Add(offered.Request is ChangeMembers change
                ? new ChangeReceived(offered.From, change, _roll.Newcomers, _roll.BootstrapDisks)
                : Requests.ToInput(offered));
        }
    }

    private void Reply(SimulatedGroup group, ReplyAddress to, object message)
    {
        if (to.Address.Length == 0)
        {
            return;
        }
        if (message is ReadIndexFound found)
        {
            _world.Checks.RaftOf(group.Name).OnReadIndex(group, to.Address + found.RequestId, found);
        }
        var stamped = WireCheck.Stamp(message, Folder.LogId);
        _link.Send(to.Address[ReplyAddress.InboxScheme.Length..], stamped);
    }

    private static string GroupOf(object request) => request switch
    {
        ProposeEntries one => one.Group,
        ReadIndex one => one.Group,
        ReadEntries one => one.Group,
        ReadSnapshot one => one.Group,
        StoreSnapshot one => one.Group,
        DescribeGroup one => one.Group,
        _ => throw new InvalidOperationException($"{request.GetType().Name} is of no group."),
    };
}

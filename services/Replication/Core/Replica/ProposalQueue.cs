using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Replication.Core;

/// <summary>
/// Turns commands into proposals, a few in flight at a time, and sends each again until its entry is applied
/// or all its commands are given up. Resending may put an entry into the log twice: the machine knows its
/// commands.
/// </summary>
internal sealed class ProposalQueue<TCommand>(
    ReplicaOptions options, Func<IReadOnlyList<TCommand>, byte[]> encode, Func<TCommand, int>? versionOf)
{
    private readonly Queue<Waiting<TCommand>> _waiting = new();
    private readonly List<Proposal<TCommand>> _inflight = [];
    private readonly BackOff _backOff = new();
    private long _lastNumber;

    public int WaitingCount => _waiting.Count;

    public int InflightCount => _inflight.Count;

    /// <summary>The version of the machine that is in force.</summary>
    public int MachineVersion { get; set; }

    public long TakeNumber() => ++_lastNumber;

    public void Submit(long now, CommandsSubmitted<TCommand> submitted, List<TCommand> overloaded)
    {
        for (var i = 0; i < submitted.Commands.Count; i++)
        {
            var command = submitted.Commands[i];
            if (_waiting.Count < options.MaxPendingCommands)
            {
                _waiting.Enqueue(new(command, now, submitted.TraceParents?[i]));
            }
            else
            {
                overloaded.Add(command);
            }
        }
    }

    /// <summary>
    /// An own entry with this number was applied; false when that proposal was settled or given up before.
    /// </summary>
    public bool Settle(long number)
    {
        if (_inflight.RemoveAll(proposal => proposal.Number == number) == 0)
        {
            return false;
        }
        _backOff.Reset();
        return true;
    }

    /// <summary>A new leader or connection: whatever is unanswered may be lost.</summary>
    public void SendAllAgain()
    {
        foreach (var proposal in _inflight)
        {
            proposal.SentAt = null;
        }
        _backOff.Reset();
    }

    public void Refused(long now, ConsensusRefused refused, List<TCommand> unknown)
    {
        var proposal = _inflight.Find(candidate => candidate.RequestId == refused.RequestId);
        if (proposal is null)
        {
            return;
        }
        switch (refused.Reason)
        {
            case ConsensusRefusal.Overloaded or ConsensusRefusal.LogFull:
                proposal.SentAt = null;
                _backOff.Grow(now);
                break;
            case ConsensusRefusal.PayloadTooLarge or ConsensusRefusal.Invalid:
                // Not surely refused: an earlier copy may have reached a node with other limits.
                proposal.GiveUp(long.MaxValue, unknown);
                _inflight.Remove(proposal);
                break;
        }
    }

    /// <summary>Takes out the waiting commands that need a later version of the machine.</summary>
    public void SetAside(List<TCommand> notYet)
    {
        for (var left = versionOf is null ? 0 : _waiting.Count; left > 0; left--)
        {
            var waiting = _waiting.Dequeue();
            if (versionOf!(waiting.Command) > MachineVersion)
            {
                notYet.Add(waiting.Command);
            }
            else
            {
                _waiting.Enqueue(waiting);
            }
        }
    }

    /// <summary>The replica stops: everything it holds is in doubt.</summary>
    public void GiveUpAll(List<TCommand> unknown)
    {
        _inflight.ForEach(proposal => proposal.GiveUp(long.MaxValue, unknown));
        _inflight.Clear();
        unknown.AddRange(_waiting.Select(waiting => waiting.Command));
        _waiting.Clear();
    }

    /// <summary>
    /// Gives up what is due. The log may hold a proposal that was sent; one that was not is reported in the
    /// same way.
    /// </summary>
    public void Expire(long now, List<TCommand> unknown)
    {
        var submittedUpTo = now - options.CommandTimeout;
        _inflight.ForEach(proposal => proposal.GiveUp(submittedUpTo, unknown));
        _inflight.RemoveAll(proposal => proposal.IsGivenUp);
        while (_waiting.TryPeek(out var oldest) && oldest.SubmittedAt <= submittedUpTo)
        {
            unknown.Add(_waiting.Dequeue().Command);
        }
    }

    /// <summary>
    /// Sends what is due to the leader, the oldest first. True when a proposal had stayed without an answer.
    /// </summary>
    public bool Send(
        long now, NodeId leader, bool mayPropose, long machineTime, List<ReplicaSend> sends,
        List<TCommand> tooLarge)
    {
        if (leader.IsNone || _backOff.Holds(now))
        {
            return false;
        }
        var wasSilent = false;
        foreach (var proposal in _inflight)
        {
            var isSilent = proposal.SentAt is { } sentAt && now - sentAt >= options.ResendMilliseconds;
            wasSilent |= isSilent;
            if (isSilent || proposal.SentAt is null)
            {
                Send(now, leader, proposal, sends);
            }
        }
        while (mayPropose && _waiting.Count > 0 && _inflight.Count < options.MaxInflightProposals)
        {
            if (NextProposal(now, machineTime, tooLarge) is { } proposal)
            {
                _inflight.Add(proposal);
                Send(now, leader, proposal, sends);
            }
        }
        return wasSilent;
    }

    /// <summary>
    /// When to look again if nothing comes in; later than now, after <see cref="Expire"/> and a send.
    /// </summary>
    public long NextDeadline(long now, NodeId leader)
    {
        var deadline = _waiting.TryPeek(out var oldest)
            ? oldest.SubmittedAt + options.CommandTimeout
            : long.MaxValue;
        foreach (var proposal in _inflight)
        {
            deadline = Math.Min(deadline, proposal.NextExpiry(options.CommandTimeout));
            if (!leader.IsNone && proposal.SentAt is { } sentAt)
            {
                deadline = Math.Min(deadline, Math.Max(sentAt + options.ResendMilliseconds, _backOff.Until));
            }
        }
        return _backOff.Holds(now) ? Math.Min(deadline, _backOff.Until) : deadline;
    }

    private void Send(long now, NodeId leader, Proposal<TCommand> proposal, List<ReplicaSend> sends)
    {
        proposal.SentAt = now;
        var message = new ProposeEntries
        {
            Group = options.Group,
            ProposalId = proposal.RequestId,
            Payloads = [proposal.Payload],
            TraceParents = proposal.TraceParents,
        };
        sends.Add(new(leader, message, proposal.RequestId));
    }

    /// <summary>Null when the next command is too large for any proposal.</summary>
    private Proposal<TCommand>? NextProposal(long now, long machineTime, List<TCommand> tooLarge)
    {
        var commands = _waiting.Take(options.MaxBatchCommands).ToArray();
        var body = Encode(commands);
        while (body.Length > options.MaxBatchBytes && commands.Length > 1)
        {
            commands = commands[..(commands.Length / 2)];
            body = Encode(commands);
        }
        for (var taken = 0; taken < commands.Length; taken++)
        {
            _waiting.Dequeue();
        }
        var envelope = new EntryEnvelope
        {
            Origin = options.Origin,
            Number = TakeNumber(),
            MachineVersion = MachineVersion,
            // As of the oldest command's submission, which was no later by machine time: a first copy of it
            // may have been done elsewhere while this one waited here.
            IssuedAt = Math.Max(0, machineTime - (now - commands[0].SubmittedAt)),
            Body = body,
        };
        var payload = envelope.Write();
        if (payload.Length > options.MaxEntryBytes)
        {
            // A single command: several were halved down to MaxBatchBytes, which is less.
            tooLarge.AddRange(commands.Select(waiting => waiting.Command));
            return null;
        }
        return new(envelope.Number, payload, commands);
    }

    private byte[] Encode(Waiting<TCommand>[] commands)
    {
        var body = encode(Array.ConvertAll(commands, waiting => waiting.Command));
        return body.Length > 0
            ? body
            : throw new InvalidOperationException(
                $"{commands.Length} commands were encoded to nothing: that is a tick.");
    }
}

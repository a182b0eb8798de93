using System.Collections.Frozen;
using System.Security.Cryptography;
using Muster.Consensus.Core;
using Muster.Consensus.Reporting;
using Muster.Consensus.Storage;
using Muster.Consensus.Transport;
using Muster.Contracts.Consensus;

namespace Muster.Consensus.Driver;

/// <summary>
/// The one loop of a node, on a thread of its own: takes all waiting inputs, steps the groups they touch,
/// stores what must last in one transaction for all of them, and only then lets anybody know. While it waits
/// it lends its rounds (<see cref="InputQueue.Lend"/>): one thread at a time is in here, not always the same.
/// </summary>
internal sealed class ConsensusNode
{
    private static readonly TimeSpan SlowCommit = TimeSpan.FromMilliseconds(200);

    private readonly NodeSetup _setup;
    private readonly InputQueue _queue;
    private readonly ConsensusStore _store;
    private readonly NodeOutbox _outbox;
    private readonly NodeView _view;
    private readonly DiskRoll _roll;
    private readonly List<GroupRunner> _groups;
    private readonly FrozenDictionary<string, GroupRunner> _groupsByName;
    private readonly DiskScrub _scrub;
    private readonly ProposalTraces _traces;
    private readonly WaitingReads _reads = new();
    private readonly List<(GroupRunner Group, RaftOutput Output)> _steps = [];
    private readonly List<(string Group, RaftOutput Output)> _writes = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _startedAt;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _restsSince;
    private int _rest;
    private bool _tookPart;
    private bool _isLeaving;

    public ConsensusNode(
        NodeSetup setup, InputQueue queue, ConsensusStore store, NodeOutbox outbox, NodeView view)
    {
        (_setup, _queue, _store, _outbox, _view) = (setup, queue, store, outbox, view);
        _startedAt = setup.Time.GetTimestamp();
        _traces = new ProposalTraces(setup.Node.Value);
        _groups = [.. setup.Identity.Groups.Select(Restore)];
        _roll = new DiskRoll(setup, store, _groups, message => outbox.SendPeer("", message));
        _groupsByName = _groups.ToFrozenDictionary(group => group.Name, StringComparer.Ordinal);
        _scrub = new DiskScrub(
            setup, [.. _groups.Select(one => (one.Name, store.ScrubOf(one.Name, one.Core)))]);
    }

    /// <summary>Entries of all logs; before the loop runs, those that were read.</summary>
    public long KeptEntries => _groups.Sum(one => one.Core.LastIndex - one.Core.FirstIndex + 1);

    /// <summary>
    /// Completes when the loop has ended, by <see cref="InputQueue.Close"/> or by a failure.
    /// </summary>
    public Task Ended => _ended.Task;

    /// <summary>
    /// Completes after a <see cref="LeaveRequested"/> once others lead what this node led, or will not.
    /// </summary>
    public Task Left => _left.Task;

    public void Start()
    {
        if (!_roll.IsComplete) _setup.Logger.Forming(_setup.Node, _setup.Identity.ClusterId, _roll.Missing);
        new Thread(Run) { IsBackground = true, Name = "consensus " + _setup.Node }.Start();
    }

    private GroupRunner Restore(string group)
    {
        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var restored = _store.Restore(group, _setup.Node, seed) with
        {
            RequestsAfter = RandomNumberGenerator.GetInt32(int.MaxValue) * (long)ushort.MaxValue,
        };
        if (restored.Damage is { } damage)
        {
            _setup.Logger.Damaged(_setup.Node, group, restored.LastIndex, damage.LostUpTo);
        }
        return new GroupRunner(group, new RaftCore(_setup.Raft, restored));
    }

    private void Run()
    {
        try
        {
            _queue.Lend(inputs =>
            {
                Round(inputs, isLent: true);
                return Rest();
            });
            while (_queue.TakeAll(Rest()) is { } inputs)
            {
                Round(inputs, isLent: false);
            }
            _view.End(Participation.Stopped, "");
            _setup.Logger.Stopped(_setup.Node, _view.Steps, _view.Commits);
        }
        catch (Exception failure)
        {
            _view.End(Participation.Failed, failure.Message);
            _setup.Logger.Failed(_setup.Node, failure);
            _setup.OnFatal(failure);
        }
        finally
        {
            _traces.End();
            _ended.TrySetResult();
        }
    }

    /// <returns>How long nothing is due, in milliseconds; from now on that is what a round is measured by.
    /// </returns>
    private int Rest()
    {
        (_restsSince, _rest) = (_view.Stalls.Now, WaitMilliseconds());
        return _rest;
    }

    private void Round(List<NodeInput> inputs, bool isLent)
    {
        var woke = _view.Stalls.Now;
        _roll.Begin(Now());
        _reads.BeginRound();
        while (_reads.Next() is { } read) Accept(read);
        foreach (var input in inputs)
        {
            Accept(input);
        }
        // The clock is read after the last input is taken, so that no entry is stamped earlier than
        // what it answers.
        var now = Now();
        Step(now);
        _scrub.Step(now);
        if (_isLeaving && !_groups.Exists(group => group.Core.IsHandingOver)) _left.TrySetResult();
        if (_view.Stalls.TakeProbe(_store.StartId) is { } probe) _outbox.SendSelf(probe);
        _view.Refresh(now, _roll, _groups, _steps);
        _view.Stalls.RoundEnded(_restsSince, _rest, woke, isLent);
    }

    private long Now() => (long)_setup.Time.GetElapsedTime(_startedAt).TotalMilliseconds;

    private int WaitMilliseconds()
    {
        var due = _reads.Any ? long.MinValue : _roll.NextDeadline;
        if (_roll.TakesPart)
        {
            foreach (var group in _groups)
            {
                due = Math.Min(due, group.HasInputs ? 0 : group.NextDeadline);
            }
        }
        // A core that was never stepped is due at the smallest number there is.
        var now = Now();
        var longest = Math.Max(0, _view.Stalls.ProbeDueInMilliseconds);
        return due <= now ? 0 : (int)Math.Min(due - now, longest);
    }

    private void Accept(NodeInput input)
    {
        switch (input)
        {
            case PeerArrived { Message: var message }:
                Accept(message);
                return;
            case BatchArrived { Messages: var messages }:
                foreach (var one in messages) Accept(one);
                return;
            case RequestArrived request:
                Accept(request);
                return;
            case LeaveRequested:
                _isLeaving = true;
                if (_roll.TakesPart) _groups.ForEach(one => one.Add(new LeaveReceived()));
                return;
            case ConnectionNews { Input: var news }:
                if (news is OwnConnectionChanged own)
                {
                    _view.IsConnected = own.IsUp;
                    if (own.IsUp) _roll.Connected();
                }
                if (_tookPart) _groups.ForEach(one => one.Add(news));
                return;
        }
    }

    private void Accept(PeerMessage message)
    {
        if (!_roll.Admits(message)) return;
        if (Find(message.Group) is not { } group)
        {
            _setup.Drops.Count($"{message.From} sent something for the group '{message.Group}'");
        }
        else if ((PeerCheck.StepProblem(message, group.Core)
            ?? PeerCheck.AnswerProblem(message, group.Core)) is { } problem)
        {
            _setup.Drops.Count(problem);
        }
        else
        {
            group.Add(new PeerReceived(message));
        }
    }

    private void Accept(RequestArrived arrived)
    {
        if (Find(arrived.Group) is not { } group)
        {
            _outbox.Reply(arrived.From, Requests.Unknown(arrived));
        }
        else if (WireCheck.Problem(arrived.Request, _store.LogId) is { } other)
        {
            _outbox.Reply(arrived.From,
                group.Refusal(Requests.IdOf(arrived), other.Reason, other.Message));
        }
        else if (arrived.Request is not DescribeGroup && (!_roll.TakesPart || _store.LogId.Length == 0))
        {
            var why = _roll.RefusedBecause
                ?? (_roll.TakesPart ? "the node waits to be added to a cluster"
                    : $"the cluster is forming and waits for the disks of {_roll.Missing}");
            _outbox.Reply(
                arrived.From, group.Refusal(Requests.IdOf(arrived), ConsensusRefusal.NotLeader, why));
        }
        else if (arrived.Request is ReadEntries or ReadSnapshot && !_reads.MayAnswer)
        {
            if (!_reads.TryKeep(arrived)) _outbox.Reply(arrived.From, Requests.Overloaded(arrived));
        }
        else if (LocalAnswers.To(arrived.Request, group, _setup.Identity.ClusterId, Now()) is { } answer)
        {
            _reads.Answered(answer);
            _outbox.Reply(arrived.From, answer);
        }
        else if (Requests.Problem(arrived.Request) is { } problem)
        {
            _outbox.Reply(arrived.From,
                group.Refusal(Requests.IdOf(arrived), ConsensusRefusal.Invalid, problem));
        }
        else if (arrived.Request is ChangeMembers change && group.IsLeader)
        {
            group.Add(new ChangeReceived(arrived.From, change, _roll.Newcomers, _roll.BootstrapDisks));
        }
        else if (!arrived.MayForward || group.IsLeader)
        {
            if (arrived.Request is ProposeEntries proposal) _traces.Taken(group, proposal);
            group.Add(Requests.ToInput(arrived));
        }
        else if (group.Core.Leader.IsNone)
        {
            _outbox.Reply(arrived.From, group.Refusal(
                Requests.IdOf(arrived), ConsensusRefusal.NotLeader, "No leader is known now."));
        }
        else
        {
            _outbox.Forward(group.Core.Leader, arrived);
        }
    }

    private GroupRunner? Find(string name) => _groupsByName.GetValueOrDefault(name);

    private void Step(long now)
    {
        _roll.Announce(now);
        if (!_roll.TakesPart) return;
        if (!_tookPart)
        {
            _tookPart = true;
            _groups.ForEach(group => group.Add(new OwnConnectionChanged(_view.IsConnected)));
        }
        _steps.Clear();
        foreach (var group in _groups)
        {
            if (!group.IsDue(now)) continue;
            var output = group.Step(now);
            _outbox.SendPeers(group.Name, output.Early);
            _steps.Add((group, output));
        }
        _outbox.FlushPeers();
        _view.Steps += _steps.Count;
        Commit();
        foreach (var (group, output) in _steps)
        {
            _outbox.SendPeers(group.Name, output.Messages);
        }
        _outbox.FlushPeers();
        foreach (var (group, output) in _steps)
        {
            Emit(group, output);
        }
    }

    private void Commit()
    {
        _writes.Clear();
        foreach (var (group, output) in _steps)
        {
            if (output.HasWrites) _writes.Add((group.Name, output));
        }
        if (_writes.Count == 0) return;
        var started = _setup.Time.GetTimestamp();
        _store.Commit(_writes);
        _view.Commits++;
        var took = _setup.Time.GetElapsedTime(started);
        if (took > SlowCommit) _setup.Logger.SlowCommit(_setup.Node, took.TotalMilliseconds, _writes.Count);
    }

    private void Emit(GroupRunner group, RaftOutput output)
    {
        // Who waits for a commit hears of it before all the entries are written out for the replicas.
        Reply(output.Replies.Where(reply => reply.Message is EntriesProposed));
        if (group.IsLeader) _outbox.PublishCommitted(group, output);
        if (output.Elected is { } elected) _outbox.PublishElected(group, elected);
        foreach (var change in output.MembersChanged)
        {
            _outbox.PublishMembers(group, change);
        }
        foreach (var lost in output.Lost)
        {
            _view.AddLoss(group, lost);
        }
        if (output.IsRepaired) _setup.Logger.Repaired(_setup.Node, group.Name, group.Core.CommitIndex);
        Reply(output.Replies.Where(reply => reply.Message is not EntriesProposed));
        _traces.Stepped(group, output);
        // The next round counts it, together with what came while the disk synced.
        if (output.Append is [.., var last]) group.Add(new EntriesPersisted(last.Index, last.Term));
    }

    private void Reply(IEnumerable<RaftReply> replies)
    {
        foreach (var reply in replies) _outbox.Reply(reply.To, reply.Message);
    }
}

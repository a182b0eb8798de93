using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Unit.Tests.Raft.Harness;

/// <summary>
/// Nodes on a bus that loses, doubles, delays and cuts; one seed decides everything, a step is a millisecond.
/// </summary>
internal sealed class Cluster
{
    private readonly Random random;
    private readonly int voters;
    private readonly PriorityQueue<(SimulatedNode To, RaftInput Input), (long At, long Number)> bus = new();
    private readonly Dictionary<string, (string Payload, LogIndex Acknowledged)> asked = [];
    private HashSet<NodeId> side = [];
    private Faults faults;
    private long numbers;
    private bool hints = true;

    /// <param name="newcomers">Nodes that are no members at first.</param>
    public Cluster(ulong seed, int size, Faults faults, RaftOptions? options = null, int newcomers = 0)
    {
        random = new Random((int)seed);
        voters = size;
        this.faults = faults;
        NodeId[] members = [.. Enumerable.Range(0, size).Select(i => new NodeId($"n{i}"))];
        Nodes = [.. members.Select((id, i) =>
            new SimulatedNode(id, options ?? new RaftOptions(), members, (seed * 1000) + (ulong)(i * 17))),
            .. Enumerable.Range(size, newcomers).Select(i => new SimulatedNode(
                new NodeId($"n{i}"), options ?? new RaftOptions(), [], (seed * 1000) + (ulong)(i * 17)))];
        foreach (var node in Nodes) node.Start();
    }

    public IReadOnlyList<SimulatedNode> Nodes { get; }

    public SafetyChecks Checks { get; } = new();

    public long Now { get; private set; } = 1;

    public int ReadsAnswered { get; private set; }

    public int SnapshotsInstalled { get; private set; }

    public int Crashes { get; private set; }

    public int Transfers { get; private set; }

    public int Damages { get; private set; }

    public int MembershipsChanged { get; private set; }

    public int Wipes { get; private set; }

    public SimulatedNode? Leader => Nodes.Where(node => node.IsUp && node.Core.Role == RaftRole.Leader)
        .MaxBy(node => node.Core.Term);

    /// <summary>Those that the leader's membership names.</summary>
    public IReadOnlyList<SimulatedNode> Members =>
        [.. Nodes.Where(node => Leader is { } leader && leader.DiskOf(node.Id) == node.Disk.Id)];

    public void Run(long milliseconds, bool withClients = false)
    {
        for (var end = Now + milliseconds; Now < end; Now++) RunOne(withClients);
    }

    public bool RunUntil(Func<bool> condition, long atMost, bool withClients = false)
    {
        for (var end = Now + atMost; Now < end && !condition(); Now++) RunOne(withClients);
        return condition();
    }

    public void Crash(SimulatedNode node)
    {
        node.Crash();
        Crashes++;
    }

    /// <summary>The broker tells everybody that this node's connection is gone, true or not.</summary>
    public void Hint(SimulatedNode about, int delay)
    {
        foreach (var node in Nodes) Post(node, new ConnectionLost(about.Incarnation), delay);
    }

    /// <summary>No more faults; everybody starts again and hears everybody.</summary>
    public void Heal()
    {
        faults = Faults.None;
        side = [];
        hints = false;
        foreach (var node in Nodes)
        {
            node.PausedUntil = 0;
            if (!node.IsUp) node.Start();
        }
    }

    /// <summary>What every node has come to: for whoever reads a failure.</summary>
    public override string ToString() => string.Join("; ", Nodes.Select(node =>
        $"{node.Disk.Id} {(node.IsUp ? node.Core.Role : "down")}"
        + (node.Core.IsRepairing ? " repairing " : " ") + $"term {node.Core.Term}, "
        + $"{node.Core.CommitIndex} of {node.Core.LastIndex}, members {node.Core.Membership.Text()}"));

    private void RunOne(bool withClients)
    {
        Inject();
        if (withClients) Ask();
        while (bus.TryPeek(out var next, out var when) && when.At <= Now)
        {
            bus.Dequeue();
            if (next.To.IsUp && Admits(next.To, next.Input)) next.To.Inbox.Add(next.Input);
        }

        foreach (var node in Nodes)
        {
            Finish(node);
            if (node.TryStep(Now, () => random.Next(faults.MaxWrite + 1)) is not { } output) continue;
            Checks.OnStep(node, output, Now);
            foreach (var message in output.Early) Send(node, message);
            Finish(node);
        }
    }

    // As the driver does: answers count for the disk that the membership names.
    private static bool Admits(SimulatedNode node, RaftInput input) => input is not PeerReceived
    {
        Message: PreVoteReply or RequestVoteReply or AppendEntriesReply or InstallSnapshotReply,
    } received || node.DiskOf(received.Message.From) is not { } disk || disk == received.Message.DiskId;

    private void Finish(SimulatedNode node)
    {
        if (node.TryFinishWrite(Now) is not { } done) return;
        foreach (var message in done.Messages) Send(node, message);
        foreach (var reply in done.Replies) OnReply(reply.Message);
    }

    private void OnReply(object answer)
    {
        if (answer is LeadershipTransferred) Transfers++;
        if (answer is MembersChanged) MembershipsChanged++;
        if (answer is EntriesProposed done) Checks.OnAcknowledged(done, asked[done.ProposalId].Payload);
        if (answer is not ReadIndexFound read) return;
        ReadsAnswered++;
        SafetyChecks.OnRead(read, asked[read.RequestId].Acknowledged);
    }

    private void Send(SimulatedNode from, PeerMessage message)
    {
        if (message is InstallSnapshot) SnapshotsInstalled++;
        if (side.Contains(from.Id) != side.Contains(message.To) || Chance(faults.Loss)) return;
        var to = Nodes.First(node => node.Id == message.To);
        var stamped = new PeerReceived(message with
        {
            Group = "g",
            Incarnation = from.Incarnation,
            DiskId = from.Disk.Id,
        });
        Post(to, stamped, 1 + random.Next(faults.MaxDelay));
        if (Chance(faults.Duplicates)) Post(to, stamped, 1 + random.Next(10 * faults.MaxDelay));
    }

    private void Post(SimulatedNode to, RaftInput input, long delay) =>
        bus.Enqueue((to, input), (Now + delay, numbers++));

    private void Ask()
    {
        var node = Nodes[random.Next(Nodes.Count)];
        if (!node.IsUp || !Chance(60)) return;
        var id = $"{numbers++}";
        asked[id] = (id, Checks.Acknowledged);
        if (Chance(300)) Post(node, new ReadIndexReceived(Say.Client, new() { RequestId = id }), 0);
        else Post(node, Say.Propose(id, id), 0);
    }

    private void Inject()
    {
        var node = Nodes[random.Next(Nodes.Count)];
        if (!node.IsUp && Chance(5))
        {
            Damage(node);
            Wipe(node);
            node.Start();
        }
        else if (node.IsUp && Chance(faults.Crashes))
        {
            Crash(node);
            if (hints && Chance(700)) Hint(node, 1 + random.Next(10));
        }

        if (Chance(faults.Partitions))
            side = [.. Nodes.Where(_ => random.Next(2) == 0).Select(one => one.Id)];
        else if (Chance(4)) side = [];
        if (Chance(faults.FalseHints)) Hint(node, 1 + random.Next(5));
        if (Chance(faults.Pauses)) node.PausedUntil = Now + random.Next(1500);
        if (node.IsUp && Chance(faults.Snapshots)) Offer(node);
        if (node.IsUp && Chance(faults.Transfers)) Transfer(node);
        if (node.IsUp && Chance(faults.Changes)) Change(node);
    }

    // Of one that no membership names any more, neither in a log nor under way.
    private void Wipe(SimulatedNode node)
    {
        var isNamed = Nodes.Any(one => one.Names(node.Id)) || bus.UnorderedItems.Any(
            item => item.Element.Input is PeerReceived { Message: AppendEntries or InstallSnapshot });
        if (isNamed || faults.Changes == 0 || !Chance(500)) return;
        node.Wipe();
        Wipes++;
    }

    // Whatever comes to an operator's mind: the core refuses what must not be.
    private void Change(SimulatedNode node)
    {
        var shuffled = Nodes.Select(one => one.Id).OrderBy(_ => random.Next()).ToList();
        var (added, promoted, removed) = (random.Next(3), random.Next(2), random.Next(3));
        var request = new ChangeMembers
        {
            RequestId = $"{numbers++}",
            Add = [.. shuffled.Take(added)],
            Promote = [.. shuffled.Skip(added).Take(promoted)],
            Remove = [.. shuffled.Skip(added + promoted).Take(removed)],
            StayLearners = random.Next(4) == 0,
        };
        Post(node, new ChangeReceived(
            Say.Client, request, Nodes.ToDictionary(one => one.Id, one => one.Disk.Id),
            Nodes.Take(voters).ToDictionary(one => one.Id, one => $"{one.Id}#0")), 0);
    }

    // Never two at once: of three, two that have to be repaired could not be, for lack of a leader. Nor where
    // members go: of the two that are left, one could not either.
    private void Damage(SimulatedNode node)
    {
        if (voters == 1 || Nodes.Any(one => one.Disk.Damage is not null && one != node)) return;
        if (faults.Changes > 0 || !Chance(faults.Damages)) return;
        node.Disk.LoseFrom(new LogIndex(random.NextInt64(Checks.Head.Value + 2)));
        Damages++;
        Checks.DisksForget = true;
    }

    // To anybody: itself, one that is down, or the one that lacks least.
    private void Transfer(SimulatedNode node)
    {
        var to = random.Next(Nodes.Count + 1);
        var request = new TransferLeadership { RequestId = $"{numbers++}" };
        Post(node, new TransferReceived(
            Say.Client, to == Nodes.Count ? request : request with { To = Nodes[to].Id }), 0);
    }

    // What a replica would offer: any committed index, also too old ones and those that this node has yet to
    // hear of.
    private void Offer(SimulatedNode node)
    {
        var index = new LogIndex(random.NextInt64(Checks.Head.Value + 1));
        Post(node, Say.Offer(index.Value, Checks.DigestAt(index)), 0);
    }

    private bool Chance(int ofThousand) => ofThousand > 0 && random.Next(1000) < ofThousand;
}

using System.Globalization;
using System.Text;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Simulator;

namespace Muster.Scenarios.Tests;

/// <summary>
/// The real core with a clock of its own and a disk, in the order of the driver's loop: step, send what may
/// leave early, write, and only then let anybody know.
/// </summary>
internal sealed class ScenarioNode(NodeId id, ScenarioWorld world) : IRaftNode
{
    private const string Group = "g";

    private readonly List<RaftInput> _waiting = [];
    private readonly Queue<EntriesPersisted> _reports = new();
    private RaftOutput? _writing;
    private ulong _starts;

    public NodeId Id => id;

    public RaftCore Core { get; private set; } = null!;

    public SimulatedDisk Disk { get; private set; } = new();

    public SimulatedDisk Memory { get; private set; } = new();

    public bool IsUp { get; private set; }

    public bool IsLeader => IsUp && Core.Role == RaftRole.Leader;

    /// <summary>The core found an invariant broken, and nobody expected that yet.</summary>
    public bool HasStopped { get; set; }

    public bool IsDiskSlow { get; set; }

    public bool AreReportsLate { get; set; }

    public long Now { get; private set; }

    public string Incarnation => string.Create(CultureInfo.InvariantCulture, $"{id}.{_starts}");

    private IReadOnlyList<NodeId> Bootstrap => world.Members.Contains(id) ? world.Members : [];

    public string Place => id.Value;

    public string DiskId => "disk-" + id.Value;

    public void Start()
    {
        if (IsUp) throw new ScenarioFailure($"{id} is up");
        _starts++;
        IsUp = true;
        Memory = Disk.Copy();
        world.Checks.OnStarted(this);
        var seed = (ulong)id.Value.Sum(letter => letter) + (_starts * 7919);
        var restored = world.Mutation.OnRestore(
            Disk.Restore(Group, id, Bootstrap, seed) with { DiskId = DiskId });
        if (Holds(() => Core = new RaftCore(world.Options, restored))) Step();
    }

    /// <summary>What is not on the disk is lost; the transaction under way may be.</summary>
    public void Crash(bool isWritten)
    {
        if (isWritten) Disk.Write(world.Mutation.OnWrite(this, Writing()));
        IsUp = false;
        _writing = null;
        _waiting.Clear();
        _reports.Clear();
        (IsDiskSlow, AreReportsLate) = (false, false);
    }

    public void Receive(IEnumerable<PeerMessage> messages) =>
        Take([.. messages.Select(message => new PeerReceived(Arrived(message)))]);

    public void Take(params RaftInput[] inputs)
    {
        if (!IsUp)
        {
            world.Say($"{id} is down");
            return;
        }
        _waiting.AddRange(inputs);
        if (_writing is null) Step();
        else world.Say($"{id} waits for its disk");
    }

    /// <summary>Its clock goes on, and it does what becomes due.</summary>
    public void Pass(long milliseconds)
    {
        var end = Now + milliseconds;
        for (var steps = 0; IsUp && _writing is null && Core.NextDeadline <= end; steps++)
        {
            if (steps > milliseconds + 1) throw new ScenarioFailure($"{id} is due again and again at {Now}");
            AdvanceTo(Math.Max(Now, Core.NextDeadline));
            Step();
        }
        AdvanceTo(end);
        if (IsUp && _writing is null) Step();
        else if (IsUp) SendAll(world.Mutation.WhileWriting(this));
    }

    /// <summary>Its clock goes on, and the node does not run meanwhile: it is suspended, or busy.</summary>
    public void AdvanceTo(long time)
    {
        if (time <= Now) return;
        world.Pass(time - Now);
        Now = time;
    }

    public void FinishWrite()
    {
        var done = Writing();
        _writing = null;
        Finish(done);
        if (_waiting.Count > 0 && _writing is null && IsUp) Step();
    }

    /// <summary>The oldest report of a finished write reaches the core.</summary>
    public void Report() => Take(_reports.TryDequeue(out var report)
        ? world.Mutation.OnPersisted(this, report)
        : throw new ScenarioFailure($"{id} has no report waiting"));

    private RaftOutput Writing() => _writing ?? throw new ScenarioFailure($"{id} writes nothing");

    private void Step()
    {
        var before = (Core.Role, Core.Term, Core.IsRepairing);
        var output = new RaftOutput();
        if (!Holds(() => output = world.Mutation.OnStep(this, Core.Step(Now, _waiting)))) return;
        _waiting.Clear();
        Memory.Write(output);
        Tell(before, output);
        world.Checks.OnStep(this, output);
        foreach (var message in output.Early) Send(message);
        if (!output.HasWrites || !IsDiskSlow)
        {
            Finish(output);
            return;
        }
        _writing = output;
        world.Mutation.OnWriteBegun(this, output, () => SendAll(output.Messages));
    }

    private PeerMessage Arrived(PeerMessage message)
    {
        if (IsUp && _writing is null && world.Mutation.ForgetsAfter(this, message) is { } last)
        {
            Disk.ForgetAfter(last);
            Crash(isWritten: false);
            Start();
        }
        return world.Mutation.OnPeer(this, message);
    }

    // The core throws when an invariant is broken; the driver then ends the process.
    private bool Holds(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (InvalidOperationException broken)
        {
            world.Say($"{id} stops: {broken.Message}");
            Crash(isWritten: false);
            HasStopped = true;
            return false;
        }
    }

    private void Finish(RaftOutput output)
    {
        Disk.Write(world.Mutation.OnWrite(this, output));
        SendAll(output.Messages);
        foreach (var reply in output.Replies) world.Answer(this, reply.Message, reply.To);
        if (output.Append is not [.., var last]) return;
        var report = new EntriesPersisted(last.Index, last.Term);
        if (AreReportsLate) _reports.Enqueue(report);
        else Take(report);
    }

    private void SendAll(IReadOnlyList<PeerMessage> messages)
    {
        foreach (var message in messages) Send(message);
    }

    private void Send(PeerMessage message) => world.Send(message with { Incarnation = Incarnation });

    private void Tell((RaftRole Role, Term Term, bool IsRepairing) before, RaftOutput output)
    {
        if ((Core.Role, Core.Term) != (before.Role, before.Term))
            world.Say($"{id} becomes {RoleText(Core.Role)} of term {Core.Term}");
        var writes = new StringBuilder();
        if (output.HardState is { } state) writes.Append($" term {state.Term} vote {state.Vote};");
        if (output.Snapshot is { } snapshot)
            writes.Append($" snapshot {snapshot.Index}@{snapshot.Term}, log from {output.FirstIndex};");
        if (output.TruncateFrom is { } from) writes.Append($" cut from {from};");
        if (output.Append.Count > 0) writes.Append($" entries {MessageText.Of(output.Append)};");
        if (writes.Length > 0) world.Say($"{id} stores{writes.ToString().TrimEnd(';')}");
        foreach (var loss in output.Lost)
            world.Say($"{id} finds that {loss.Node} lost {loss.Denied} of {loss.Acknowledged}");
        if (output.Committed.Count > 0) world.Say($"{id} commits {MessageText.Of(output.Committed)}");
        if (before.IsRepairing && !Core.IsRepairing) world.Say($"{id} is repaired");
    }

    public static string RoleText(RaftRole role) =>
        role == RaftRole.PreCandidate ? "pre-candidate" : role.ToString().ToLowerInvariant();
}

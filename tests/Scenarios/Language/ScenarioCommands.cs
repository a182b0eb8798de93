using System.Text;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Simulator;

namespace Muster.Scenarios.Tests;

/// <summary>
/// The commands of a scenario, but "expect": see <see cref="Expectations"/>. CONTRIBUTING.md has the list.
/// </summary>
internal sealed class ScenarioCommands(Mutation mutation)
{
    /// <summary>So many deliveries without an end are a conversation that has none.</summary>
    private const int MostDeliveries = 2_000;

    private ScenarioWorld? _world;
    private List<ScenarioNode> _nodes = [];

    private MessageCommands Messages => new(World, Node);

    private ScenarioWorld World => _world ?? throw new ScenarioFailure("a scenario begins with 'cluster'");

    public void Do(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["expect", "stopped", _]) RequireNobodyStopped();
        switch (words)
        {
            case ["cluster", .. var names]: Form(names); break;
            case ["expect", .. var what]: new Expectations(World, _nodes).Check(what); break;
            case ["elect", var name]: Elect(Node(name), Others(name)); break;
            case ["elect", var name, "from", .. var voters]:
                Elect(Node(name), [.. voters.Select(Node)]);
                break;
            case ["beat", var name, .. var among]: Beat(Node(name), among); break;
            case ["settle", .. var among]: Settle(among); break;
            case ["cut", .. var sides]: World.UnderWay.Cut(Sides(sides)); break;
            case ["quietly", .. var rest]: Quietly(() => Do(string.Join(' ', rest))); break;
            case ["heal"]: World.UnderWay.Cut([]); break;
            case ["show"]: Show(); break;
            default:
                if (!Messages.Try(words) && !TryNode(words))
                    throw new ScenarioFailure($"unknown: '{command}'");
                break;
        }
    }

    public void End()
    {
        RequireNobodyStopped();
        if (_nodes.Count == 0) throw new ScenarioFailure("nothing happens");
    }

    public IReadOnlyList<string> TakeTrace()
    {
        if (_world is null) return [];
        string[] trace = [.. _world.Trace];
        _world.Trace.Clear();
        return trace;
    }

    private bool TryNode(string[] words)
    {
        switch (words)
        {
            case ["pass", var time]: foreach (var node in _nodes) node.Pass(Number(time)); break;
            case ["pass", var name, var time]: Node(name).Pass(Number(time)); break;
            case ["stand", var name]: Node(name).Pass(Node(name).Core.NextDeadline - Node(name).Now); break;
            case ["suspend", var name, var time]: Node(name).AdvanceTo(Node(name).Now + Number(time)); break;
            case ["crash", var name]: Node(name).Crash(isWritten: false); break;
            case ["crash", var name, "written"]: Node(name).Crash(isWritten: true); break;
            case ["start", var name]: Node(name).Start(); break;
            case ["damage", var name, var from]: Damage(Node(name), Number(from)); break;
            case ["disk", var name, "slow"]: Node(name).IsDiskSlow = true; break;
            case ["disk", var name, "done"]: Node(name).FinishWrite(); break;
            case ["disk", var name, "fast"]: Node(name).IsDiskSlow = false; break;
            case ["reports", var name, "late"]: Node(name).AreReportsLate = true; break;
            case ["report", var name]: Node(name).Report(); break;
            default: return TryRequest(words);
        }
        return true;
    }

    private bool TryRequest(string[] words)
    {
        switch (words)
        {
            case ["propose", var name, var id, .. var of]: Propose(Node(name), id, Asker(of)); break;
            case ["read", var name, var id, .. var of]: Read(Node(name), id, Asker(of)); break;
            case ["transfer", var name, "to", var to, "as", var id]:
                World.Asked(id);
                Node(name).Take(new TransferReceived(
                    ScenarioWorld.Client, new TransferLeadership { RequestId = id, To = new NodeId(to) }));
                break;
            case ["change", var name, .. var what, "as", var id]: Change(Node(name), what, id); break;
            case ["leave", var name]: Node(name).Take(new LeaveReceived()); break;
            case ["snapshot", var name, var index]: Offer(Node(name), Number(index)); break;
            case ["hint", var name, var incarnation]: Hint(Node(name), incarnation); break;
            case ["connection", var name, "down"]: Node(name).Take(new OwnConnectionChanged(false)); break;
            case ["connection", var name, "up"]: Node(name).Take(new OwnConnectionChanged(true)); break;
            default: return false;
        }
        return true;
    }

    // add NAME.. promote NAME.. remove NAME.. stay: added nodes stay learners.
    private void Change(ScenarioNode node, string[] words, string id)
    {
        var lists = new Dictionary<string, List<NodeId>> { ["add"] = [], ["promote"] = [], ["remove"] = [] };
        List<NodeId>? list = null;
        foreach (var word in words.Where(word => word != "stay"))
        {
            if (lists.TryGetValue(word, out var next)) list = next;
            else (list ?? throw new ScenarioFailure($"'{word}' is no change")).Add(Node(word).Id);
        }
        World.Asked(id);
        var disks = _nodes.ToDictionary(one => one.Id, one => one.DiskId);
        node.Take(new ChangeReceived(ScenarioWorld.Client, new ChangeMembers
        {
            RequestId = id,
            Add = lists["add"],
            Promote = lists["promote"],
            Remove = lists["remove"],
            StayLearners = words.Contains("stay"),
        }, disks, disks));
    }

    // NAME... with options KEY=NUMBER: trailing, inflight, append-bytes, log-entries.
    private void Form(string[] words)
    {
        var options = new RaftOptions { TrailingEntries = 0 };
        foreach (var option in words.Where(word => word.Contains('=', StringComparison.Ordinal)))
        {
            var number = Number(option[(option.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            options = option.Split('=')[0] switch
            {
                "trailing" => options with { TrailingEntries = number },
                "inflight" => options with { MaxInflightAppends = (int)number },
                "append-bytes" => options with { MaxAppendBytes = (int)number },
                "log-entries" => options with { MaxLogEntries = number },
                _ => throw new ScenarioFailure($"unknown option '{option}'"),
            };
        }
        var names = words.Where(word => !word.Contains('=', StringComparison.Ordinal)).ToList();
        NodeId[] members = [.. names.TakeWhile(name => name != "+").Select(name => new NodeId(name))];
        _world = new ScenarioWorld(mutation, members, options);
        _nodes = [.. names.Where(name => name != "+")
            .Select(name => new ScenarioNode(new NodeId(name), _world))];
        _world.UnderWay.Nodes.UnionWith(_nodes.Select(node => node.Id.Value));
        foreach (var node in _nodes) node.Start();
    }

    // The candidate's time is up; the others have heard no leader for so long that they would stand the next
    // moment. Only the election itself is delivered: what the new leader sends is under way.
    private void Elect(ScenarioNode candidate, List<ScenarioNode> voters)
    {
        Quietly(() =>
        {
            foreach (var voter in voters) voter.AdvanceTo(voter.Core.NextDeadline - 1);
            candidate.Pass(Math.Max(0, candidate.Core.NextDeadline - candidate.Now));
            Run([candidate, .. voters],
                message => message is PreVote or PreVoteReply or RequestVote or RequestVoteReply);
        });
        World.Say($"{candidate.Id} {ScenarioNode.RoleText(candidate.Core.Role)} term {candidate.Core.Term}");
    }

    private void Settle(string[] among)
    {
        Quietly(() => Run(among.Length == 0 ? _nodes : [.. among.Select(Node)], _ => true));
        Show();
    }

    // A heartbeat of the leader, by which the others hear what is committed.
    private void Beat(ScenarioNode leader, string[] among)
    {
        Quietly(() => leader.Pass(World.Options.HeartbeatMilliseconds));
        Settle(among);
    }

    private void Quietly(Action action)
    {
        var before = World.IsQuiet;
        World.IsQuiet = true;
        try
        {
            action();
        }
        finally
        {
            World.IsQuiet = before;
        }
    }

    private void Run(List<ScenarioNode> among, Func<PeerMessage, bool> isWanted)
    {
        var ids = among.Where(node => node.IsUp).Select(node => node.Id).ToHashSet();
        for (var left = MostDeliveries; ; left--)
        {
            var next = World.UnderWay.All.FirstOrDefault(message =>
                ids.Contains(message.From) && ids.Contains(message.To) && isWanted(message));
            if (next is null) return;
            if (left == 0) throw new ScenarioFailure($"{MostDeliveries} messages, and no end");
            World.UnderWay.Remove(next);
            Messages.Deliver(next);
            ids.RemoveWhere(id => !Node(id.Value).IsUp);
        }
    }

    private static ReplyAddress Asker(string[] words) => words switch
    {
        [] => ScenarioWorld.Client,
        ["of", var name] => ReplyAddress.Inbox(name),
        _ => throw new ScenarioFailure($"'{string.Join(' ', words)}' is nobody who asks"),
    };

    private void Propose(ScenarioNode node, string id, ReplyAddress asker)
    {
        var text = ScenarioWorld.RequestOf(id, asker);
        World.Proposed(text, text);
        node.Take(new ProposalReceived(asker, new ProposeEntries
        {
            ProposalId = id,
            WantsAnswer = true,
            Payloads = [Encoding.UTF8.GetBytes(text)],
        }));
    }

    private void Read(ScenarioNode node, string id, ReplyAddress asker)
    {
        var request = new ReadIndex { RequestId = id };
        World.Asked(ScenarioWorld.RequestOf(id, asker));
        World.Checks.OnReadAsked(ScenarioWorld.RequestOf(id, asker));
        if (mutation.OnRequest(node, request) is { } early) World.Answer(node, early, asker);
        else node.Take(new ReadIndexReceived(asker, request));
    }

    private void Offer(ScenarioNode node, long index)
    {
        var offer = new StoreSnapshot
        {
            Index = new LogIndex(index),
            Payload = Encoding.UTF8.GetBytes($"state at {index}"),
        };
        node.Take(new SnapshotOffered((StoreSnapshot)mutation.OnOffered(offer)));
    }

    // By the node's present connection, or by one that is named, as n1.1.
    private void Hint(ScenarioNode node, string lost)
    {
        var incarnation = lost.Contains('.', StringComparison.Ordinal) ? lost : Node(lost).Incarnation;
        node.Take(mutation.OnHint(node, new ConnectionLost(incarnation)));
    }

    private static void Damage(ScenarioNode node, long from)
    {
        if (node.IsUp) throw new ScenarioFailure($"{node.Id} is up: its disk is read when it starts");
        node.Disk.LoseFrom(new LogIndex(from));
    }

    private void Show()
    {
        foreach (var node in _nodes)
        {
            var disk = node.IsUp ? node.Memory : node.Disk;
            var snapshot = disk.Snapshot is { } one ? $"snapshot {one.Index}@{one.Term} " : "";
            var log = $"{snapshot}log {MessageText.Of(disk.Entries)}".TrimEnd();
            World.Say(node.IsUp
                ? $"{node.Id} {ScenarioNode.RoleText(node.Core.Role)} term {node.Core.Term} "
                    + $"commit {node.Core.CommitIndex} {log}{(node.Core.IsRepairing ? " repairing" : "")}"
                : $"{node.Id} down {log}");
        }
    }

    private void RequireNobodyStopped()
    {
        if (_nodes.Find(node => node.HasStopped) is { } stopped)
            throw new ScenarioFailure($"{stopped.Id} stopped, which nobody expected");
    }

    private List<ScenarioNode> Others(string name) =>
        [.. _nodes.Where(node => node.IsUp && node.Id.Value != name)];

    private ScenarioNode Node(string name) => _nodes.Find(node => node.Id.Value == name)
        ?? throw new ScenarioFailure($"no node '{name}'");

    private static IReadOnlyList<string[]> Sides(string[] words) =>
        [.. string.Join(' ', words).Split('|').Select(side =>
            side.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    public static long Number(string word) => long.TryParse(word, out var number)
        ? number
        : throw new ScenarioFailure($"'{word}' is not a number");
}

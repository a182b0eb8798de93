using System.Text;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Scenarios.Tests;

/// <summary>
/// What a scenario says must hold, beside its recorded trace: recording anew cannot make a fault the truth.
/// </summary>
internal sealed class Expectations(ScenarioWorld world, List<ScenarioNode> nodes)
{
    public void Check(string[] words)
    {
        switch (words)
        {
            case ["no", "leader"]: Same("leaders", "", Leaders()); break;
            case ["leader", var name]: Same("leaders", name, Leaders()); break;
            case ["stopped", var name]: CheckStopped(Node(name)); break;
            case ["same", "log", .. var names]: CheckSameLog([.. names.Select(Node)]); break;
            case ["answer", var id, "of", var asker, .. var answer]:
                Same($"answer to {id} of {asker}", Text(answer), world.AnswerTo($"{id} of {asker}")); break;
            case ["answer", var id, .. var answer]:
                Same($"answer to {id}", Text(answer), world.AnswerTo(id)); break;
            case ["nothing", var place]:
                Same(place, "", Text(world.UnderWay.Find(place + "*").Select(MessageText.Of)));
                break;
            case ["next", var place, .. var part]: CheckNext(place, Text(part)); break;
            case [var what, var name, .. var value]:
                Same($"{what} {name}", Text(value), Now(what, name));
                break;
            default: throw new ScenarioFailure($"unknown expectation '{Text(words)}'");
        }
    }

    private string Now(string what, string name)
    {
        var node = Node(name);
        return what switch
        {
            "role" => ScenarioNode.RoleText(node.Core.Role),
            "term" => node.Core.Term.ToString(),
            "commit" => node.Core.CommitIndex.ToString(),
            "log" => MessageText.TermsOf(node.Memory.Entries),
            "disk" => MessageText.TermsOf(node.Disk.Entries),
            "vote" => node.Disk.HardState.Vote.ToString(),
            "values" => string.Join(' ', node.Memory.Entries.Select(ValueOf)),
            "members" => MessageText.Of(node.Core.Membership),
            "snapshot" => SnapshotOf(node),
            "repairing" => node.Core.IsRepairing ? "yes" : "no",
            _ => throw new ScenarioFailure($"unknown expectation '{what}'"),
        };
    }

    private string Leaders() => Text(nodes.Where(node => node.IsLeader).Select(node => node.Id.Value));

    private void CheckNext(string place, string part)
    {
        var next = MessageText.Of(world.UnderWay.FindOne(place));
        if (!next.Contains(part, StringComparison.Ordinal))
            throw new ScenarioFailure($"next on {place}: expected '{part}', is '{next}'");
    }

    private static void CheckStopped(ScenarioNode node)
    {
        if (!node.HasStopped) throw new ScenarioFailure($"{node.Id} has not stopped");
        node.HasStopped = false;
    }

    // Where both keep an entry it is the same one, and both logs end and are committed at the same place.
    private static void CheckSameLog(List<ScenarioNode> some)
    {
        foreach (var node in some.Skip(1))
        {
            Same($"end of {node.Id}'s log", EndOf(some[0]), EndOf(node));
            var first = Math.Max(FirstOf(some[0]), FirstOf(node));
            Same($"log {node.Id} from {first}", From(some[0], first), From(node, first));
        }
    }

    private static string EndOf(ScenarioNode node) =>
        $"{node.Core.LastIndex}, committed {node.Core.CommitIndex}";

    private static long FirstOf(ScenarioNode node) =>
        node.Memory.Entries.Count == 0 ? long.MaxValue : node.Memory.Entries[0].Index.Value;

    private static string From(ScenarioNode node, long first) => Text(node.Memory.Entries
        .Where(entry => entry.Index.Value >= first)
        .Select(entry => $"{entry.Index}@{entry.Term}={ValueOf(entry)}"));

    private static string ValueOf(LogEntry entry) =>
        entry.Kind == EntryKind.Empty ? "-"
        : entry.Kind == EntryKind.Membership ? "members"
        : Encoding.UTF8.GetString(entry.Payload);

    // A snapshot whose state is of another index than its own says too much or too little.
    private static string SnapshotOf(ScenarioNode node)
    {
        if (node.Memory.Snapshot is not { } snapshot) return "none";
        var state = Encoding.UTF8.GetString(snapshot.Payload);
        return state == $"state at {snapshot.Index}" ? $"{snapshot.Index}" : $"{snapshot.Index} of {state}";
    }

    private ScenarioNode Node(string name) => nodes.Find(node => node.Id.Value == name)
        ?? throw new ScenarioFailure($"no node '{name}'");

    private static string Text(IEnumerable<string> words) => string.Join(' ', words);

    private static void Same(string what, string expected, string actual)
    {
        if (expected != actual) throw new ScenarioFailure($"{what}: expected '{expected}', is '{actual}'");
    }
}

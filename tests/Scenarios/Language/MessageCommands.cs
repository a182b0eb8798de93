using Muster.Contracts;
using Muster.Contracts.Consensus;
using static Muster.Scenarios.Tests.ScenarioCommands;

namespace Muster.Scenarios.Tests;

/// <summary>The commands about messages that are under way.</summary>
internal sealed class MessageCommands(ScenarioWorld world, Func<string, ScenarioNode> node)
{
    public bool Try(string[] words)
    {
        switch (words)
        {
            case ["deliver", .. var places] when places.Length > 0:
                foreach (var message in places.SelectMany(world.UnderWay.Take)) Deliver(message);
                return true;
            case ["together", .. var places] when places.Length > 0:
                DeliverTogether([.. places.SelectMany(world.UnderWay.Take)]);
                return true;
            case ["drop", .. var places] when places.Length > 0:
                foreach (var message in places.SelectMany(world.UnderWay.Take))
                    world.Say("drops " + MessageText.Of(message));
                return true;
            case ["double", var place]:
                world.UnderWay.Double(world.UnderWay.FindOne(place));
                return true;
            case ["copy", var place, "as", var name]:
                world.UnderWay.Keep(name, world.UnderWay.FindOne(place));
                return true;
            case ["keep", var place, "as", var name]:
                var kept = world.UnderWay.FindOne(place);
                world.UnderWay.Remove(kept);
                world.UnderWay.Keep(name, kept);
                return true;
            case ["forge", "snapshot", var from, var to, var term, var index, var of]:
                Deliver(Forged(from, to, new(Number(term)), new(Number(index)), new(Number(of))));
                return true;
            case ["arrive", .. var names] when names.Length > 0:
                DeliverTogether([.. names.Select(world.UnderWay.Kept)]);
                return true;
            default:
                return false;
        }
    }

    public void Deliver(PeerMessage message) => DeliverTogether([message]);

    // In one step: they had waited for the node while it was busy.
    private void DeliverTogether(IReadOnlyList<PeerMessage> messages)
    {
        foreach (var message in messages) world.Say("delivers " + MessageText.Of(message));
        if (messages.Select(message => message.To).Distinct().Count() != 1)
            throw new ScenarioFailure("nothing, or not to one node");
        node(messages[0].To.Value).Receive(messages);
    }

    // No correct node sends it: FROM TO TERM, INDEX and its TERM.
    private static InstallSnapshot Forged(
        string from, string to, Term term, LogIndex index, Term of) => new()
        {
            From = new NodeId(from),
            To = new NodeId(to),
            Term = term,
            RequestId = 1_000,
            Snapshot = new GroupSnapshot { Index = index, Term = of },
        };
}

using System.Text.RegularExpressions;
using Muster.Contracts;
using Muster.Contracts.Consensus;

namespace Muster.Scenarios.Tests;

/// <summary>
/// The messages between the nodes. Nothing arrives by itself: commands say what is delivered, lost, doubled
/// or kept for later. FROM->TO is the oldest on that way, FROM->TO#2 the second, FROM->TO* all.
/// </summary>
internal sealed partial class UnderWay
{
    private readonly List<PeerMessage> _messages = [];
    private readonly Dictionary<string, PeerMessage> _kept = new(StringComparer.Ordinal);
    private IReadOnlyList<string[]> _sides = [];

    /// <summary>Who there is to send something.</summary>
    public HashSet<string> Nodes { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<PeerMessage> All => _messages;

    /// <summary>False: the way is cut, and the message lost.</summary>
    public bool TrySend(PeerMessage message)
    {
        if (IsCut(message)) return false;
        _messages.Add(message);
        return true;
    }

    /// <summary>
    /// Only nodes of one side hear each other; one may be on two. What was under way between others is lost
    /// too.
    /// </summary>
    public void Cut(IReadOnlyList<string[]> sides)
    {
        foreach (var name in sides.SelectMany(side => side)) RequireNode(name);
        _sides = sides;
        _messages.RemoveAll(IsCut);
    }

    public IReadOnlyList<PeerMessage> Find(string place)
    {
        var match = Place().Match(place);
        if (!match.Success) throw new ScenarioFailure($"'{place}' is not FROM->TO, FROM->TO#N or FROM->TO*");
        var (from, to) = (new NodeId(match.Groups[1].Value), new NodeId(match.Groups[2].Value));
        RequireNode(from.Value);
        RequireNode(to.Value);
        var onWay = _messages.Where(message => message.From == from && message.To == to).ToList();
        if (match.Groups[3].Value == "*") return onWay;
        var number = match.Groups[4].Success ? int.Parse(match.Groups[4].ValueSpan, null) : 1;
        return number <= onWay.Count
            ? [onWay[number - 1]]
            : throw new ScenarioFailure($"no such message is under way: {place}");
    }

    public PeerMessage FindOne(string place) => Find(place) is [var message]
        ? message
        : throw new ScenarioFailure($"not one message: {place}");

    public IReadOnlyList<PeerMessage> Take(string place)
    {
        var found = Find(place);
        if (found.Count == 0) throw new ScenarioFailure($"no such message is under way: {place}");
        foreach (var message in found) Remove(message);
        return found;
    }

    /// <summary>By reference: a doubled message is equal to the first.</summary>
    public void Remove(PeerMessage message) =>
        _messages.RemoveAt(_messages.FindIndex(one => ReferenceEquals(one, message)));

    public void Double(PeerMessage message) => _messages.Add(message with { });

    public void Keep(string name, PeerMessage message) => _kept.Add(name, message);

    public PeerMessage Kept(string name) => _kept.TryGetValue(name, out var message)
        ? message
        : throw new ScenarioFailure($"nothing is kept as '{name}'");

    private void RequireNode(string name)
    {
        if (!Nodes.Contains(name)) throw new ScenarioFailure($"no node '{name}'");
    }

    private bool IsCut(PeerMessage message)
    {
        return _sides.Count > 0 && !_sides.Any(
            side => side.Contains(message.From.Value) && side.Contains(message.To.Value));
    }

    [GeneratedRegex(@"^(\w+)->(\w+)(\*|#(\d+))?$")]
    private static partial Regex Place();
}

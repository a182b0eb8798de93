using System.Globalization;
using System.Text;
using Muster.Consensus.Core;
using Muster.Contracts;
using Muster.Contracts.Consensus;
using Muster.Simulator;

namespace Muster.Scenarios.Tests;

/// <summary>The nodes of a scenario, what is between them, and what holds in every scenario.</summary>
internal sealed class ScenarioWorld(Mutation mutation, IReadOnlyList<NodeId> members, RaftOptions options)
{
    private readonly Scheduler _scheduler = new();
    private readonly Dictionary<string, string> _proposed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private RaftChecks? _checks;

    /// <summary>Who asks where a scenario names nobody.</summary>
    public static ReplyAddress Client { get; } = ReplyAddress.Inbox("client");

    public Mutation Mutation => mutation;

    public IReadOnlyList<NodeId> Members => members;

    public RaftOptions Options => options;

    public UnderWay UnderWay { get; } = new();

    public RaftChecks Checks => _checks ??= new RaftChecks(_scheduler);

    public List<string> Trace { get; } = [];

    /// <summary>Steps leave no trace.</summary>
    public bool IsQuiet { get; set; }

    public void Say(string line)
    {
        if (!IsQuiet) Trace.Add(line);
    }

    public void Pass(long milliseconds) =>
        _scheduler.RunUntil(_scheduler.Now + (milliseconds * Scheduler.Millisecond));

    public void Send(PeerMessage message) =>
        Say($"{(UnderWay.TrySend(message) ? "sends" : "loses")} {MessageText.Of(message)}");

    /// <summary>Who asked nothing is answered nothing, and that is no finding.</summary>
    public void Asked(string id) => _asked.Add(id);

    public void Proposed(string id, string text)
    {
        Asked(id);
        _proposed.Add(id, text);
    }

    public string AnswerTo(string id) => _asked.Contains(id)
        ? _answers.GetValueOrDefault(id, "none")
        : throw new ScenarioFailure($"nobody asked for '{id}'");

    /// <summary>
    /// A request's id, with who asks unless that is the usual client: they may share an id.
    /// </summary>
    public static string RequestOf(string id, ReplyAddress asker) =>
        asker == Client ? id : $"{id} of {asker.Address[ReplyAddress.InboxScheme.Length..]}";

    public void Answer(IRaftNode node, object answer, ReplyAddress asker)
    {
        var id = RequestOf(MessageText.IdOf(answer), asker);
        if (answer is ReadIndexFound found) Checks.OnReadIndex(node, id, found);
        if (answer is EntriesProposed done) CheckAcknowledged(id, done);
        _answers.Add(id, MessageText.Of(answer));
        Say($"{node.Id} answers {id}: {MessageText.Of(answer)}");
    }

    private void CheckAcknowledged(string id, EntriesProposed done)
    {
        var isCommitted = done.LastIndex <= Checks.Head
            && Encoding.UTF8.GetString(Checks.Committed(done.LastIndex).Payload)
                == _proposed[id];
        if (!isCommitted)
        {
            throw new SimulationFailure("durability", string.Create(CultureInfo.InvariantCulture,
                $"{id} is acknowledged and not committed at {done.LastIndex}"));
        }
    }
}

using Muster.Cluster.Load;
using Muster.Contracts;
using Muster.Testing;
using Muster.Worker;

namespace Muster.Cluster.Histories;

/// <summary>What all processes of one episode have recorded, as one.</summary>
public sealed class EpisodeRecording
{
    private EpisodeRecording(
        IReadOnlyList<RecordedEvent> events, IReadOnlyList<RecordedGrant> grants,
        IReadOnlyList<RecordedWrite> writes)
    {
        Grants = grants;
        Holds =
        [
            .. grants.Where(grant => grant.IsAlone).Select(grant => new Hold(
                grant.Lock, new FencingToken(grant.Token), grant.AcquireId, grant.Worker, grant.From,
                grant.Until)),
        ];
        Writes = [.. writes.Select(write => new AcknowledgedWrite(
            write.Lock, write.Token, new FencingToken(write.Token)))];
        Histories = events.OrderBy(next => next.Time).GroupBy(next => next.Model)
            .ToDictionary(one => one.Key, one => (IReadOnlyList<HistoryEvent>)[.. one.Select(ToEvent)]);
    }

    /// <summary>By the models' names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HistoryEvent>> Histories { get; }

    /// <summary>Every grant that a client saw the end of its use of.</summary>
    public IReadOnlyList<RecordedGrant> Grants { get; }

    /// <summary>Those that nobody else may overlap.</summary>
    public IReadOnlyList<Hold> Holds { get; }

    public IReadOnlyList<AcknowledgedWrite> Writes { get; }

    public static EpisodeRecording Read(IEnumerable<string> files)
    {
        List<RecordedEvent> events = [];
        List<RecordedGrant> grants = [];
        List<RecordedWrite> writes = [];
        foreach (var line in files.SelectMany(LinesOf))
        {
            switch (RecordedLine.Parse(line))
            {
                case { Events: { } some }: events.AddRange(some); break;
                case { Grant: { } grant }: grants.Add(grant); break;
                case { Write: { } write }: writes.Add(write); break;
            }
        }
        return new(events, grants, writes);
    }

    /// <summary>A line without its end is what a killed process was about to write.</summary>
    private static IEnumerable<string> LinesOf(string file)
    {
        if (!File.Exists(file))
        {
            return []; // killed before it began
        }
        var text = File.ReadAllText(file);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static HistoryEvent ToEvent(RecordedEvent recorded) => new()
    {
        Process = recorded.Process,
        Type = recorded.Type,
        Function = recorded.Function,
        Key = recorded.Key,
        Value = recorded.Function == "cas"
            ? Value.ListOf(recorded.Text, recorded.NewText)
            : recorded.Text,
        Result = recorded.Result,
        Token = recorded.Token,
        Time = recorded.Time,
    };
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Lock.Machine;

namespace Muster.Lock.Consumers;

/// <summary>
/// Takes the detectors' verdicts on crashed nodes from the work queue <c>muster-lock-verdicts</c>, for all
/// lock groups of the process. Each is proposed until every group has applied it, and acknowledged only then.
/// One that is too old is dropped, here and by the queue: the session's TTL does its work, and the node may
/// have come back since.
/// </summary>
/// <param name="groups">How many there are.</param>
/// <param name="submit">Proposes to the group of that number; false when too many wait.</param>
/// <param name="time">The clock of the repeats.</param>
/// <param name="logger">Where malformed and late verdicts are reported.</param>
public sealed partial class CrashIntake(
    int groups, Func<int, LockEntryCommand, bool> submit, TimeProvider time, ILogger logger)
{
    private const ushort AtATime = 64;

    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(1);

    /// <summary>Longer than an election, and shorter than the usual TTL.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(10);

    private readonly System.Threading.Lock _gate = new();
    private readonly Dictionary<(long Epoch, long Number), OpenCrash> _open = [];

    /// <summary>The queue, for the process's link.</summary>
    public WorkQueue Queue(BusNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new()
        {
            Name = names.Queue("muster-lock-verdicts"),
            Exchanges = [names.Exchange(typeof(NodeFailed))],
            OnMessage = Consume,
            Prefetch = AtATime,
            MessageTtl = Life,
        };
    }

    public void Consume(LinkMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            if (message.Type != BusJson.TypeName(typeof(NodeFailed)))
            {
                throw new JsonException($"{message.Type} is no verdict");
            }
            if (NodeCrash.Of(message.Read<NodeFailed>()) is { } crash)
            {
                Take(crash, message);
            }
            else
            {
                message.Ack();
            }
        }
        catch (JsonException exception)
        {
            LogMalformed(message.MessageId, exception.Message);
            message.Reject();
        }
    }

    /// <summary>A group has applied the verdict, whoever proposed it.</summary>
    public void Taken(int group, NodeCrash crash)
    {
        ArgumentNullException.ThrowIfNull(crash);
        lock (_gate)
        {
            if (_open.TryGetValue((crash.Epoch, crash.Number), out var open)
                && open.Groups.Remove(group) && open.Groups.Count == 0)
            {
                Close(open);
            }
        }
    }

    /// <summary>
    /// Until it is cancelled; each group's replica runs it: one that has halted must not hold up the others'
    /// verdicts.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Repeat, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            ProposeAgain();
        }
    }

    /// <summary>Proposes what is not applied for a while again, and drops what is too old.</summary>
    public void ProposeAgain()
    {
        foreach (var (group, crash) in Due())
        {
            Propose(group, crash);
        }
    }

    /// <summary>
    /// One that comes again has a new message. The old one's connection is gone, or the verdict was published
    /// twice; then the old message is done with too, since this one stands for both.
    /// </summary>
    private void Take(NodeCrash crash, LinkMessage message)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (_open.TryGetValue((crash.Epoch, crash.Number), out var before))
            {
                Close(before);
            }
            _open[(crash.Epoch, crash.Number)] =
                new(crash, message, now, [.. Enumerable.Range(0, groups)]) { ProposedAt = now };
        }
        for (var group = 0; group < groups; group++)
        {
            Propose(group, crash);
        }
    }

    private List<(int Group, NodeCrash Crash)> Due()
    {
        var now = time.GetTimestamp();
        var due = new List<(int, NodeCrash)>();
        lock (_gate)
        {
            foreach (var open in _open.Values.ToList())
            {
                if (time.GetElapsedTime(open.TakenAt, now) >= Life)
                {
                    LogLate(open.Crash.Node, open.Crash.Incarnation, string.Join(", ", open.Groups), Life);
                    Close(open);
                }
                else if (time.GetElapsedTime(open.ProposedAt, now) >= Repeat)
                {
                    open.ProposedAt = now;
                    due.AddRange(open.Groups.Select(group => (group, open.Crash)));
                }
            }
        }
        return due;
    }

    private void Close(OpenCrash open)
    {
        _open.Remove((open.Crash.Epoch, open.Crash.Number));
        open.Message.Ack();
    }

    private void Propose(int group, NodeCrash crash) =>
        submit(group, new LockEntryCommand { NodeCrash = crash });

    private sealed record OpenCrash(
        NodeCrash Crash, LinkMessage Message, long TakenAt, SortedSet<int> Groups)
    {
        public long ProposedAt { get; set; }
    }

    [LoggerMessage(3104, LogLevel.Warning,
        "A verdict on a crash is malformed and goes to the error queue: {MessageId} {Why}")]
    private partial void LogMalformed(string? messageId, string why);

    [LoggerMessage(3105, LogLevel.Warning,
        "The verdict that {Node} ({Incarnation}) has crashed was not applied by the lock groups {Groups} "
        + "within {Life}, and is dropped: its locks there pass on by their TTL.")]
    private partial void LogLate(string node, string incarnation, string groups, TimeSpan life);
}

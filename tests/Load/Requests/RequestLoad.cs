using System.Threading.Channels;
using Muster.Bus;
using Muster.Load.Measuring;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>
/// One client process's requests to a group's leader over a link: so many outstanding at a time (closed), or
/// so many a second, each timed from when it was meant to begin (open).
/// </summary>
internal sealed class RequestLoad : ILoad
{
    private const int MostInputs = 100_000;
    private const int MostWaiting = 200_000;
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepPause = TimeSpan.FromMilliseconds(100);

    private readonly LoadCluster _cluster;
    private readonly ClusterView _view;
    private readonly IRequestKind _kind;
    private readonly int _outstanding;
    private readonly double _perSecond;
    private readonly Tally _tally;
    private readonly Channel<RequestInput> _inputs = Channel.CreateBounded<RequestInput>(
        new BoundedChannelOptions(MostInputs) { SingleReader = true });

    private RequestLoad(
        LoadCluster cluster, ClusterView view, IRequestKind kind, int outstanding, double perSecond)
    {
        (_cluster, _view, _kind) = (cluster, view, kind);
        (_outstanding, _perSecond) = (outstanding, perSecond);
        _tally = new Tally("", IsOpen ? Attribution.ByStart : Attribution.ByEnd);
    }

    public IReadOnlyList<Tally> Tallies => [_tally];

    private bool IsOpen => _perSecond > 0;

    public static RequestLoad Closed(
        LoadCluster cluster, ClusterView view, IRequestKind kind, int outstanding) =>
        new(cluster, view, kind, outstanding, 0);

    public static RequestLoad Open(
        LoadCluster cluster, ClusterView view, IRequestKind kind, double perSecond) =>
        new(cluster, view, kind, 0, perSecond);

    public async Task RunAsync(CancellationToken stop)
    {
        var names = _cluster.Links.Names;
        await using var link = _cluster.Links.Create(new LinkOptions
        {
            Address = _cluster.NewAddress("requests"),
            OnMessage = message => _inputs.Writer.TryWrite(new AnswerCame(message)),
            Publishes = [names.AllConsensusNodes],
            InboxMessageTtl = AnswerPatience,
        });
        await link.StartAsync(stop);
        var leader = await _view.LeaderAsync(ClusterPlan.LoadGroup, stop);
        await using var sweeps = TimeProvider.System.CreateTimer(
            _ => _inputs.Writer.TryWrite(new SweepDue()), null, SweepPause, SweepPause);
        var table = new RequestTable(_kind, _tally, link, names, leader.Node);
        using var pacer = IsOpen
            ? new Pacer(_perSecond, (count, due) => _inputs.Writer.TryWrite(new OperationsDue(count, due)))
            : null;
        // Past its place in the queue: everything that was due before is taken first.
        using var stopping = stop.UnsafeRegister(_ => _inputs.Writer.TryWrite(new StopAsked()), null);
        await PumpAsync(table);
    }

    private async Task PumpAsync(RequestTable table)
    {
        long? stoppedAt = null;
        table.Begin(_outstanding, Clock.Now, MostWaiting);
        table.Send();
        while (stoppedAt is null || !table.IsEmpty)
        {
            await _inputs.Reader.WaitToReadAsync(CancellationToken.None);
            while (_inputs.Reader.TryRead(out var input))
            {
                switch (input)
                {
                    case AnswerCame { Message: var message }:
                        table.Answer(message, repeats: !IsOpen && stoppedAt is null);
                        break;
                    case OperationsDue { Count: var count, Since: var since } when stoppedAt is null:
                        table.Begin(count, since, MostWaiting);
                        break;
                    case SweepDue:
                        table.Sweep(AnswerPatience, repeats: !IsOpen && stoppedAt is null);
                        break;
                    case StopAsked:
                        stoppedAt ??= Clock.Now;
                        table.End(isOpen: IsOpen);
                        break;
                }
            }
            if (stoppedAt is { } at && Clock.Since(at) > AnswerPatience)
            {
                table.GiveUp(FormattableString.Invariant(
                    $"not answered {AnswerPatience.TotalSeconds} s after the window"));
            }
            table.Send();
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using Muster.Bus;
using Muster.Contracts.Consensus;
using Muster.Load.Measuring;
using Muster.Load.Stage;

namespace Muster.Load.Requests;

/// <summary>
/// Proposes once each millisecond without waiting for the answers before, going round the nodes until one is
/// known to lead: an acknowledgement shows within a few milliseconds that the group works again.
/// </summary>
internal sealed class ProposalProbe : IAsyncDisposable
{
    private const double PerSecond = 1000;
    private const int MostUnanswered = 120_000;

    private readonly IReadOnlyList<string> _nodes;
    private readonly IBusLink _link;
    private readonly ConcurrentDictionary<string, long> _sent = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Pacer? _pacer;
    private TaskCompletionSource<long>? _next;
    private long _after;
    private long _number;
    private volatile string? _leader;
    private volatile ConsensusRefused? _refused;

    private ProposalProbe(LoadCluster cluster, IReadOnlyList<string> nodes)
    {
        _nodes = nodes;
        _link = cluster.Links.Create(new LinkOptions
        {
            Address = cluster.NewAddress("probe"),
            OnMessage = Receive,
            // As a replica: the new leader announces itself there.
            Subscriptions = [cluster.Links.Names.Committed(ClusterPlan.LoadGroup)],
        });
    }

    /// <summary>Returns once a proposal was acknowledged.</summary>
    public static async Task<ProposalProbe> StartAsync(
        LoadCluster cluster, GroupDescription leader, CancellationToken cancellationToken)
    {
        var probe = new ProposalProbe(
            cluster, [.. leader.Members.Select(node => BusNames.ConsensusAddress(node.Value))])
        {
            _leader = BusNames.ConsensusAddress(leader.Node.Value),
        };
        try
        {
            await probe._link.StartAsync(cancellationToken);
            probe._pacer = new Pacer(PerSecond, (count, _) => probe.Propose(count));
            await probe.NextAsync(Clock.Now, cancellationToken);
            return probe;
        }
        catch
        {
            await probe.DisposeAsync();
            throw;
        }
    }

    /// <summary>Forgets the leader: from now on the proposals go round.</summary>
    public void LoseLeader() => _leader = null;

    /// <summary>When the first proposal that is sent after this time was acknowledged.</summary>
    public async Task<long> NextAsync(long after, CancellationToken cancellationToken)
    {
        TaskCompletionSource<long> next;
        lock (_gate)
        {
            _after = after;
            _next = next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        try
        {
            return await next.Task.WaitAsync(LoadCluster.Patience, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new LoadException(
                $"No proposal was acknowledged for {LoadCluster.Patience.TotalSeconds} s. "
                + (_refused is { } refused ? $"The last refusal: {refused.Reason}, {refused.Message}" : ""));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _pacer?.Dispose();
        await _link.DisposeAsync();
    }

    private void Propose(int count)
    {
        for (var one = 0; one < count && _sent.Count < MostUnanswered; one++)
        {
            var number = ++_number;
            var id = number.ToString(CultureInfo.InvariantCulture);
            _sent[id] = Clock.Now;
            _link.Send(
                _leader ?? _nodes[(int)(number % _nodes.Count)], Proposals.Message(id, 1),
                AnswerRoute.To(_link, id));
        }
    }

    private void Receive(LinkMessage message)
    {
        if (message.Type == BusJson.TypeName(typeof(LeaderElected)))
        {
            _leader = BusNames.ConsensusAddress(message.Read<LeaderElected>().Leader.Value);
        }
        else if (message.Type == BusJson.TypeName(typeof(ConsensusRefused)))
        {
            _sent.TryRemove(message.CorrelationId ?? "", out _);
            _refused = message.Read<ConsensusRefused>();
        }
        else if (message.Type == BusJson.TypeName(typeof(EntriesProposed))
            && _sent.TryRemove(message.CorrelationId ?? "", out var sentAt))
        {
            lock (_gate)
            {
                if (sentAt > _after)
                {
                    _next?.TrySetResult(Clock.Now);
                }
            }
        }
    }
}

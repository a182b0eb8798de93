using System.Collections.Concurrent;
using System.Diagnostics;
using Muster.Consensus.Reporting;
using Muster.Consensus.Tests.Cluster;
using Muster.Contracts.Consensus;
using Shouldly;
using Xunit;

namespace Muster.Consensus.Tests;

/// <summary>A traced proposal's way to its commit is a span of its sender's trace.</summary>
public sealed class ProposalTraceTests
{
    private readonly ConcurrentQueue<Activity> _spans = new();

    private static string NewSpan(ActivityTraceId trace) =>
        $"00-{trace.ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-01";

    private static ProposeEntries Traced(params string[] spans) => new()
    {
        Group = TestClient.Group,
        ProposalId = "p1",
        Payloads = [[1], [2]],
        WantsAnswer = true,
        TraceParents = spans,
    };

    private static string IdOf(ActivityContext context) => $"00-{context.TraceId}-{context.SpanId}-01";

    [Fact]
    public async Task One_of_a_single_trace_is_a_part_of_it_and_links_to_its_other_spans()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        using var listener = Listen();
        var trace = ActivityTraceId.CreateRandom();
        string[] spans = [NewSpan(trace), NewSpan(trace)];

        var proposed = (await cluster.Client.AskAsync(leader, Traced(spans)))
            .ShouldBeOfType<EntriesProposed>();

        var span = await TheSpanAsync();
        (span.OperationName, span.Kind).ShouldBe(("muster.consensus/ProposeEntries", ActivityKind.Server));
        (span.ParentId, span.TraceId).ShouldBe((spans[0], trace));
        span.Links.Select(link => IdOf(link.Context)).ShouldBe([spans[1]]);
        span.Duration.ShouldBeGreaterThan(TimeSpan.Zero);
        Tags(span).ShouldBe(("p1", TestClient.Group, leader, "done", null));
        (span.GetTagItem("muster.log.index"), span.GetTagItem("muster.log.term"))
            .ShouldBe((proposed.LastIndex.Value, proposed.Term.Value));
    }

    [Fact]
    public async Task One_of_several_traces_is_its_own_and_links_to_all()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        using var listener = Listen();
        using var caller = new Activity("of this test, and none of the node's").Start();
        ActivityTraceId[] traces = [ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom()];
        string[] spans = [NewSpan(traces[0]), NewSpan(traces[1]), NewSpan(traces[0])];

        (await cluster.Client.AskAsync(leader, Traced(spans))).ShouldBeOfType<EntriesProposed>();

        var span = await TheSpanAsync();
        span.ParentId.ShouldBeNull();
        traces.ShouldNotContain(span.TraceId);
        span.Links.Select(link => IdOf(link.Context)).ShouldBe(spans);
        span.GetTagItem("muster.outcome").ShouldBe("done");
    }

    [Fact]
    public async Task One_that_is_not_appended_is_refused()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        using var listener = Listen();
        var follower = TestCluster.Names.First(node => node != leader);

        (await cluster.Client.AskAsync(follower, Traced(NewSpan(ActivityTraceId.CreateRandom()))))
            .ShouldBeOfType<ConsensusRefused>();

        var span = await TheSpanAsync();
        Tags(span).ShouldBe(("p1", TestClient.Group, follower, "refused", "refused"));
        span.Status.ShouldBe(ActivityStatusCode.Error);
    }

    [Fact]
    public async Task One_whose_leader_lost_its_quorum_is_unknown()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        using var listener = Listen();
        await cluster.Client.ProposeAsync(leader, [9]);
        foreach (var node in TestCluster.Names.Where(node => node != leader))
        {
            await cluster.StopAsync(node);
        }

        cluster.Client.Link.Send(
            Bus.BusNames.ConsensusAddress(leader), Traced(NewSpan(ActivityTraceId.CreateRandom())));

        var span = await TheSpanAsync();
        Tags(span).ShouldBe(("p1", TestClient.Group, leader, "unknown", "leadership_lost"));
    }

    [Fact]
    public async Task What_is_no_trace_is_passed_over()
    {
        var (cluster, leader) = await TestCluster.FormAsync();
        await using var _ = cluster;
        using var listener = Listen();
        var sound = NewSpan(ActivityTraceId.CreateRandom());

        foreach (var proposal in new[] { Traced("", "nonsense", null!), Traced(), Traced("nonsense", sound) })
        {
            (await cluster.Client.AskAsync(leader, proposal)).ShouldBeOfType<EntriesProposed>();
        }

        (await TheSpanAsync()).ParentId.ShouldBe(sound);
    }

    [Fact]
    public void While_nobody_listens_nothing_is_allocated()
    {
        var traces = new ProposalTraces("n1");
        var proposal = Traced(NewSpan(ActivityTraceId.CreateRandom()));
        traces.Taken(null!, proposal);
        var before = GC.GetAllocatedBytesForCurrentThread();

        traces.Taken(null!, proposal);
        traces.Stepped(null!, null!);

        GC.GetAllocatedBytesForCurrentThread().ShouldBe(before);
    }

    private static (object? Id, object? Group, object? Node, object? Outcome, object? Error) Tags(
        Activity span) =>
        (span.GetTagItem("messaging.message.id"), span.GetTagItem("muster.group"),
            span.GetTagItem("muster.node"), span.GetTagItem("muster.outcome"), span.GetTagItem("error.type"));

    /// <summary>
    /// Of the one proposal that is traced; the answer leaves a moment before its span ends.
    /// </summary>
    private async Task<Activity> TheSpanAsync()
    {
        await TestLimit.UntilAsync(() => !_spans.IsEmpty);
        return _spans.ShouldHaveSingleItem();
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Muster.Consensus",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}

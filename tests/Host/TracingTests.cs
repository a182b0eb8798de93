using System.Collections.Concurrent;
using System.Diagnostics;
using Muster.Client;
using Muster.Host.Tests.Decisions;
using Muster.Host.Tests.Locks;
using Shouldly;
using Xunit;

namespace Muster.Host.Tests;

/// <summary>
/// A caller's trace goes through its client's batch to the service that does it, and to the commit.
/// </summary>
public sealed class TracingTests(OneGroup cluster) : IClassFixture<OneGroup>
{
    private readonly ConcurrentQueue<Activity> _spans = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_service_does_for_a_call_is_the_child_of_the_calls_span()
    {
        await using var client = cluster.NewClient(
            new MusterOptions { Owner = "traced", HeartbeatInterval = TimeSpan.Zero });
        await client.Config.PutAsync("untraced", "v", cancellationToken: Cancellation);
        using var caller = new Activity("caller").Start();
        using var listener = Listen(caller.TraceId);

        await (await client.Locks.AcquireAsync("traced", null, Cancellation)).DisposeAsync();
        await client.Config.PutAsync("traced", "v", cancellationToken: Cancellation);
        await client.Config.GetAsync("traced", Cancellation);
        await client.Decisions.ProposeAsync("traced", "v", cancellationToken: Cancellation);

        string[] operations =
        [
            "muster.lock/AcquireLock", "muster.lock/ReleaseLock", "muster.registry/PutConfig",
            "muster.registry/GetConfig", "muster.decisions/ProposeValue",
        ];
        // An answer leaves a moment before its span ends.
        await NodesOfOneProcess.UntilAsync(
            () => Of("Muster.Serving").Count() >= operations.Length
                && Of("Muster.Serving").All(span => IsRead(span) || CommitsOf(span).Any()),
            () => string.Join("; ", _spans.Select(span => $"{span.Source.Name} {span.OperationName}")));
        Of("Muster.Client").Select(span => span.OperationName).ShouldBe(operations);
        foreach (var call in Of("Muster.Client"))
        {
            var served = Of("Muster.Serving").Single(span => span.ParentSpanId == call.SpanId);
            (served.OperationName, served.TraceId, served.Kind)
                .ShouldBe((call.OperationName, caller.TraceId, ActivityKind.Server));
            served.GetTagItem("messaging.message.id").ShouldNotBeNull();
            served.Duration.ShouldBeGreaterThan(TimeSpan.Zero);
            CommitsOf(served).Any().ShouldBe(!IsRead(served), "a read is no entry");
        }
        // A proposal that is not committed in time is sent again, and may be another span.
        Of("Muster.Consensus").ShouldAllBe(
            span => span.TraceId == caller.TraceId && !span.Links.Any()
                && span.GetTagItem("messaging.message.id") != null && span.Duration > TimeSpan.Zero);
    }

    private static bool IsRead(Activity served) => served.OperationName == "muster.registry/GetConfig";

    private IEnumerable<Activity> CommitsOf(Activity served) => Of("Muster.Consensus").Where(
        span => span.ParentSpanId == served.SpanId && (string?)span.GetTagItem("muster.outcome") == "done");

    private IEnumerable<Activity> Of(string source) => _spans.Where(span => span.Source.Name == source);

    /// <summary>Of one trace: other tests of this process are not to be heard.</summary>
    private ActivityListener Listen(ActivityTraceId trace)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source =>
                source.Name is "Muster.Client" or "Muster.Serving" or "Muster.Consensus",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == trace
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}

using System.Diagnostics;
using Muster.Contracts;
using Muster.Contracts.Lock;

namespace Muster.Client.Tests.Telemetry;

[Collection(nameof(TelemetryCollection))]
public class SpanTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static LockCommand Sent(ClientUnderTest test, Func<LockCommand, bool> match) =>
        test.Service.Received.Single(match);

    [Fact]
    public async Task An_acquire_and_its_release_are_spans_with_name_token_and_outcome()
    {
        await using var test = new ClientUnderTest();
        using var spans = new SpanRecorder();

        var handle = await test.Acquire("a").Soon();
        await handle.DisposeAsync();

        var acquire = spans.Single("muster.lock/AcquireLock");
        acquire.Kind.ShouldBe(ActivityKind.Client);
        acquire.Status.ShouldBe(ActivityStatusCode.Unset);
        acquire.TagObjects.ShouldBe(
        [
            new("rpc.system", "muster"), new("rpc.service", "muster.lock"), new("rpc.method", "AcquireLock"),
            new("muster.cluster", "muster"), new("muster.lock.name", "a"),
            new("messaging.message.id", handle.AcquireId),
            new("muster.lock.token", handle.FencingToken.Value), new("muster.outcome", "done"),
        ]);
        var release = spans.Single("muster.lock/ReleaseLock");
        release.GetTagItem("muster.lock.token").ShouldBe(handle.FencingToken.Value);
        release.GetTagItem("muster.outcome").ShouldBe("done");
        Sent(test, command => command.AcquireLock is not null).TraceParent.ShouldBe(acquire.Id);
        Sent(test, command => command.ReleaseLock is not null).TraceParent.ShouldBe(release.Id);
        Sent(test, command => command.OpenSession is not null).TraceParent.ShouldBeNull();
    }

    [Fact]
    public async Task A_span_is_the_callers_child_and_nothing_that_the_client_begins_hangs_on_it()
    {
        using var spans = new SpanRecorder();
        using var caller = new Activity("caller").Start();
        await using var test = new ClientUnderTest();
        Activity? seen = null;
        test.Links.OnPublish += (_, _) => seen ??= Activity.Current;

        await using var leadership = await test.Elections.CampaignAsync("e", "v", null, Cancellation);

        var campaign = spans.Single("muster.lock/Campaign");
        (campaign.ParentId, campaign.TraceId).ShouldBe((caller.Id, caller.TraceId));
        campaign.GetTagItem("muster.lock.name").ShouldBe("muster:election:e");
        seen.ShouldBeSameAs(caller);
        Activity.Current.ShouldBeSameAs(caller);
    }

    [Fact]
    public async Task Each_command_of_a_batch_has_its_own_callers_span()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        using var spans = new SpanRecorder();
        test.Link.GoDown();
        var calls = new List<Task>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            using var caller = new Activity(name).Start();
            calls.Add(test.Acquire(name));
        }
        test.Link.GoUp();
        await Task.WhenAll(calls).Soon();

        var batch = test.Batches.Single(batch => batch.Commands.Count == 3);
        batch.Commands.Select(command => command.TraceParent).ShouldBe(spans.Ended
            .OrderBy(span => (string)span.GetTagItem("muster.lock.name")!).Select(span => span.Id));
        spans.Ended.Select(span => span.TraceId).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task Every_outcome_is_told()
    {
        await using var test = new ClientUnderTest();
        await test.OpenSessionAsync();
        test.Service.Table.HoldByOther("held");
        using var spans = new SpanRecorder();

        (await test.TryAcquire("held").Soon()).ShouldBeNull();
        await Should.ThrowAsync<MusterRefusedException>(() => test.Acquire("").Soon());
        using (var cancellation = new CancellationTokenSource())
        {
            var waiting = test.Acquire("held", cancellation);
            await cancellation.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => waiting.Soon());
        }
        test.Service.IsDeaf = true;
        var unanswered = test.Acquire("x");
        var describing = test.Describe("y");
        test.Pass(10);
        await Should.ThrowAsync<MusterUnknownException>(() => unanswered.Soon());
        await Should.ThrowAsync<MusterUnknownException>(() => describing.Soon());

        spans.Ended.Select(span => (
                span.OperationName["muster.lock/".Length..], span.GetTagItem("muster.outcome"),
                span.GetTagItem("error.type"), span.Status))
            .ShouldBe(
            [
                ("AcquireLock", "busy", null, ActivityStatusCode.Unset),
                ("AcquireLock", "refused", "NameInvalid", ActivityStatusCode.Error),
                ("AcquireLock", "cancelled", null, ActivityStatusCode.Unset),
                ("AcquireLock", "unknown", "no_answer", ActivityStatusCode.Error),
                ("DescribeLock", "unknown", "no_answer", ActivityStatusCode.Error),
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Every_services_calls_are_spans_whose_commands_carry_them()
    {
        await using var test = new ClientUnderTest();
        using var spans = new SpanRecorder();

        await test.Config.PutAsync("k", "v", cancellationToken: Cancellation).Soon();
        (await test.Config.GetAsync("k", Cancellation).Soon())!.Value.ShouldBe("v");
        await Should.ThrowAsync<MusterRefusedException>(
            () => test.Config.PutAsync("k", "w", 77, Cancellation).Soon());

        spans.Ended.Select(span => (span.OperationName, span.GetTagItem("muster.outcome"))).ShouldBe(
        [
            ("muster.registry/PutConfig", "done"), ("muster.registry/GetConfig", "done"),
            ("muster.registry/PutConfig", "refused"),
        ]);
        spans.Ended[^1].GetTagItem("error.type").ShouldBe("VersionMismatch");
        var commands = test.Link.Published.Select(published => published.Message)
            .OfType<Contracts.Registry.RegistryCommandBatch>().SelectMany(batch => batch.Commands).ToList();
        commands.Select(command => command.TraceParent).ShouldBe(spans.Ended.Select(span => span.Id));
    }

    [Fact]
    public async Task A_span_that_is_not_recorded_costs_no_bytes_on_the_wire()
    {
        await using var test = new ClientUnderTest();
        using var spans = new SpanRecorder(ActivitySamplingResult.PropagationData);

        await test.Acquire("a").Soon();

        test.Service.Received.ShouldAllBe(command => command.TraceParent == null);
        spans.Ended.Single().TagObjects.Select(tag => tag.Key).ShouldNotContain("rpc.system");
    }

    [Fact]
    public async Task While_nobody_listens_nothing_is_allocated()
    {
        await using var test = new ClientUnderTest();
        var core = test.Client.Core;
        var claim = Claim.Of(LockRequest.Exclusive("a"), "");
        Func<string, LockCommand> command = id => new LockCommand { DescribeLock = new() { CommandId = id } };
        var refused = LockTable.Refused("id", LockRefusal.NameInvalid);
        var wasTraced = false;
        Trace(); // what the first use makes

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 1_000; number++)
        {
            Trace();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        wasTraced.ShouldBeFalse();

        void Trace()
        {
            var acquire = CallTrace.OfAcquire(core, claim);
            wasTraced |= acquire.TraceParent is not null;
            acquire.Granted(null);
            var call = CallTrace.Of(core, "id", command);
            call.Answered(refused);
        }
    }
}

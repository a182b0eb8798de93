using Muster.Contracts.Lock;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>
/// Bare JSON is taken only as the contract it names; what cannot be taken goes to the error queue.
/// </summary>
public sealed class BareJsonTests
{
    private const string Acquire = "Muster.Contracts.Lock:AcquireLock";
    private const string Release = "Muster.Contracts.Lock:ReleaseLock";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("muster", "type", Acquire)]
    [InlineData("muster", "type", "urn:message:" + Acquire)]
    [InlineData("muster", "exchange", Acquire)]
    [InlineData("blue", "type", Acquire)]
    [InlineData("blue", "type", "blue." + Acquire)]
    [InlineData("blue", "exchange", "blue." + Acquire)]
    public async Task It_is_taken_by_the_consumer_of_the_contract_it_names_alone(
        string cluster, string property, string value)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token, cluster);
        await host.SendBareAsync("""{"commandId":"c1"}""", new() { [property] = value }, limit.Token);
        await host.SendBareAsync("""{"commandId":"c2"}""", new() { ["type"] = Release }, limit.Token);

        (await host.Taken.NextAsync(limit.Token)).Message.ShouldBe(new AcquireLock { CommandId = "c1" });
        (await host.Taken.NextAsync(limit.Token)).Message.ShouldBe(new ReleaseLock { CommandId = "c2" });
        host.Taken.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Its_type_counts_before_the_exchange()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        await host.SendBareAsync(
            """{"commandId":"c1"}""", new() { ["type"] = Release, ["exchange"] = Acquire }, limit.Token);

        (await host.Taken.NextAsync(limit.Token)).Message.ShouldBe(new ReleaseLock { CommandId = "c1" });
    }

    [Fact]
    public async Task A_type_that_is_no_contract_is_not_replaced_by_the_exchanges()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        await host.SendBareAsync(
            """{"commandId":"c1"}""",
            new() { ["type"] = "No.Such:Contract", ["exchange"] = Acquire }, limit.Token);

        (await host.NextFailureAsync(limit.Token)).Text.ShouldContain("must name its contract");
        host.Taken.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"name":""", Acquire, "application/json", "The body is no AcquireLock")]
    [InlineData("""{"name":{"a":1}}""", Acquire, "application/json", "The body is no AcquireLock")]
    [InlineData("""{"name":null}""", Acquire, "application/json", "The body is no AcquireLock")]
    [InlineData("null", Acquire, "application/json", "The body is no AcquireLock: The body is null.")]
    [InlineData("", Acquire, "application/json", "The body is no AcquireLock")]
    [InlineData("{}", "", "application/json", "must name its contract")]
    [InlineData("{}", "No.Such:Contract", "application/json", "must name its contract")]
    [InlineData("{}", "blue." + Acquire, "application/json", "must name its contract")]
    [InlineData("<acquire/>", Acquire, "application/xml", "content type 'application/xml' is not understood")]
    public async Task What_cannot_be_taken_goes_to_the_error_queue_and_the_consumer_lives_on(
        string body, string type, string contentType, string reason)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        await host.SendBareAsync(
            body, new() { ["type"] = type, ["message_id"] = "no guid" }, limit.Token, contentType);
        await host.SendBareAsync("""{"commandId":"after"}""", new() { ["type"] = Acquire }, limit.Token);

        var failure = await host.NextFailureAsync(limit.Token);
        failure.Body.ShouldBe(body);
        failure.Exception.ShouldBe(typeof(UnreadableMessageException).FullName);
        failure.Text.ShouldContain(reason);
        (await host.Taken.NextAsync(limit.Token)).Message.ShouldBe(new AcquireLock { CommandId = "after" });
        host.Taken.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task The_reason_repeats_a_long_key_only_in_part()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        var body = $$$"""{"metadata":{"{{{new string('k', 3_000)}}}":5}}""";
        await host.SendBareAsync(
            body, new() { ["type"] = "Muster.Contracts.Registry:RegisterInstance" }, limit.Token);

        var failure = await host.NextFailureAsync(limit.Token);
        failure.Text.ShouldStartWith("The body is no RegisterInstance");
        failure.Text.ShouldContain("kkk");
        failure.Text.Length.ShouldBeLessThan(1_100);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public async Task A_payload_over_the_limit_goes_to_the_error_queue(int bytes, bool isTaken)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        const string Start = "{\"name\":\"";
        var body = Start + new string('x', bytes - Start.Length - 2) + "\"}";
        await host.SendBareAsync(body, new() { ["type"] = Acquire }, limit.Token);
        await host.SendBareAsync("""{"name":"after"}""", new() { ["type"] = Acquire }, limit.Token);

        if (!isTaken)
        {
            var failure = await host.NextFailureAsync(limit.Token);
            failure.Text.ShouldContain("4097 bytes; Bus:MaxMessageBytes is 4096");
        }
        var first = (await host.Taken.NextAsync(limit.Token)).Message.ShouldBeOfType<AcquireLock>().Name;
        first.ShouldBe(isTaken ? body[Start.Length..^2] : "after");
    }

    [Theory]
    [InlineData("corr 1", "msg 1", "corr 1", "msg 1")]
    [InlineData(null, "msg 1", "msg 1", "msg 1")]
    [InlineData("corr 1", null, "corr 1", "corr 1")]
    [InlineData(null, null, "", null)]
    public async Task Its_reply_queue_and_ids_of_any_form_are_honoured(
        string? correlationId, string? messageId, string requestId, string? commandId)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        var properties = new Dictionary<string, string> { ["type"] = Acquire, ["reply_to"] = "answers" };
        if (correlationId is not null)
        {
            properties["correlation_id"] = correlationId;
        }
        if (messageId is not null)
        {
            properties["message_id"] = messageId;
        }
        await host.SendBareAsync("""{"name":"a"}""", properties, limit.Token);
        await host.SendBareAsync("{}", new() { ["type"] = Release }, limit.Token);

        var taken = await host.Taken.NextAsync(limit.Token);
        taken.ReplyTo.ShouldBe(new() { Address = "queue:answers", RequestId = requestId });
        taken.CommandId.ShouldBe(commandId);
        (await host.Taken.NextAsync(limit.Token)).ReplyTo.ShouldBeNull();
        var (kind, to, message, answered) = host.Link.Sent.ShouldHaveSingleItem();
        (kind, to, answered).ShouldBe(("queue", "answers", requestId.Length == 0 ? null : requestId));
        message.ShouldBe(new LockGranted { CommandId = commandId ?? "", Name = "a", FencingToken = new(7) });
    }
}

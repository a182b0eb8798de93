using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Muster.Bus;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>MassTransit's own clients, beside the bare ones, on the same endpoint.</summary>
public sealed class EnvelopeTests
{
    private const string Contract = "Muster.Contracts.Lock:AcquireLock";
    private const string Urn = "urn:message:" + Contract;

    private static readonly Uri Host = new("loopback://localhost/");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("muster")]
    [InlineData("blue")]
    public async Task A_published_envelope_arrives_whole(string cluster)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token, cluster);
        var sent = new ReleaseLock
        {
            CommandId = "c1",
            SessionId = "s1",
            Sequence = 3,
            AnsweredBelow = 2,
            Name = "a",
            AcquireId = "c0",
            FencingToken = new FencingToken(FencingToken.MaxValue),
            ReplyTo = ReplyAddress.Inbox("client.1", "r1"),
        };
        var messageId = Guid.NewGuid();
        await host.Bus.Publish(sent, context => context.MessageId = messageId, limit.Token);

        var taken = await host.Taken.NextAsync(limit.Token);
        taken.Message.ShouldBe(sent);
        taken.ReplyTo.ShouldBeNull();
        taken.CommandId.ShouldBe(messageId.ToString());
    }

    [Fact]
    public async Task A_request_is_answered_at_its_response_address_with_its_request_id()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        using var scope = host.Services.CreateScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<AcquireLock>>();
        var answer = await client.GetResponse<LockGranted>(new AcquireLock { Name = "a" }, limit.Token);

        answer.Message.Name.ShouldBe("a");
        answer.Message.FencingToken.ShouldBe(new FencingToken(7));
        var taken = await host.Taken.NextAsync(limit.Token);
        taken.ReplyTo.ShouldBe(new()
        {
            Address = host.Bus.Address.ToString(),
            RequestId = answer.RequestId.ToString()!,
        });
        host.Link.Sent.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"messageId\":\"no guid\"", "unreadable id or address")]
    [InlineData("\"requestId\":\"no guid\"", "unreadable id or address")]
    [InlineData("\"responseAddress\":\"no address\"", "unreadable id or address")]
    [InlineData("\"responseAddress\":\"http://elsewhere/queue\"", "not one of this bus")]
    [InlineData("\"faultAddress\":\"http://elsewhere/queue\"", "not one of this bus")]
    [InlineData("\"message\":{\"name\":null}", "no AcquireLock")]
    [InlineData("\"message\":{\"waitMilliseconds\":\"soon\"}", "no AcquireLock")]
    [InlineData("\"message\":[]", "no AcquireLock")]
    public async Task An_unreadable_envelope_goes_to_the_error_queue_once(string field, string reason)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        var body = $$"""{"message":{"name":"a"},{{field}},"messageType":["{{Urn}}"]}""";
        await host.SendBareAsync(body, [], limit.Token, BusJson.EnvelopeContentType);
        await host.Bus.Publish(new AcquireLock { Name = "after" }, limit.Token);

        var failure = await host.NextFailureAsync(limit.Token);
        failure.Exception.ShouldBe(typeof(UnreadableMessageException).FullName);
        failure.Text.ShouldContain(reason);
        (await host.Taken.NextAsync(limit.Token)).Message.ShouldBe(new AcquireLock { Name = "after" });
    }

    /// <summary>Each such message is a line of the log.</summary>
    [Fact]
    public async Task The_reason_repeats_a_long_address_only_in_part()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        var address = "http://elsewhere/" + new string('a', 3_000);
        var body = $$"""{"message":{"name":"a"},"responseAddress":"{{address}}","messageType":["{{Urn}}"]}""";
        await host.SendBareAsync(body, [], limit.Token, BusJson.EnvelopeContentType);

        var failure = await host.NextFailureAsync(limit.Token);
        failure.Text.ShouldContain("not one of this bus: 'http://elsewhere/aaa");
        failure.Text.Length.ShouldBeLessThan(1_100);
    }

    [Fact]
    public async Task An_envelope_by_hand_keeps_the_defaults_of_what_it_leaves_out()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        const string Body = $$$"""{"messageType":["{{{Urn}}}"],"message":{"name":"a"}}""";
        await host.SendBareAsync(Body, [], limit.Token, BusJson.EnvelopeContentType);

        (await host.Taken.NextAsync(limit.Token)).Message.ShouldBe(new AcquireLock { Name = "a" });
    }

    [Fact]
    public async Task An_envelope_over_the_limit_goes_to_the_error_queue()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        await host.Bus.Publish(new AcquireLock { Name = new string('x', 4096) }, limit.Token);
        await host.Bus.Publish(new AcquireLock { Name = "after" }, limit.Token);

        (await host.NextFailureAsync(limit.Token)).Text.ShouldContain("Bus:MaxMessageBytes is 4096");
        (await host.Taken.NextAsync(limit.Token)).Message.ShouldBe(new AcquireLock { Name = "after" });
    }

    [Theory]
    [InlineData("muster", Contract, "MassTransit:Fault--" + Contract + "--")]
    [InlineData("blue", "blue." + Contract, "blue.MassTransit:Fault--" + Contract + "--")]
    public async Task Every_exchange_has_the_clusters_name(string cluster, string contract, string fault)
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token, cluster);
        host.Names.Exchange(typeof(AcquireLock)).ShouldBe(contract);
        ExchangeOf<AcquireLock>(host).ShouldBe(contract);
        ExchangeOf<Fault<AcquireLock>>(host).ShouldBe(fault);
    }

    private static string ExchangeOf<T>(SampleHost host) where T : class =>
        host.Bus.Topology.PublishTopology.TryGetPublishAddress(typeof(T), Host, out var address)
            ? address!.AbsolutePath.TrimStart('/')
            : "";
}

using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Contracts;
using Muster.Contracts.Lock;
using Muster.Hosting;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>Where an answer goes, and that a bad address harms nobody.</summary>
public sealed class ReplyTests
{
    private const string Direct = "amq.rabbitmq.reply-to";

    private static readonly string TooLong = new('x', 256);
    private static readonly Uri OnRabbit = new("rabbitmq://broker/blue/host_bus_abc?temporary=true");
    private static readonly Uri InMemory = new("loopback://localhost/host_bus_abc");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("rabbitmq://broker/host_bus_1?temporary=true", "host_bus_1")]
    [InlineData("rabbitmq://elsewhere:5673/blue/host_bus_1?durable=false&autodelete=true", "host_bus_1")]
    [InlineData("amqp://broker/answers?bind=true&queue=answers-queue", "answers-queue")]
    [InlineData("exchange:answers", "answers")]
    [InlineData("exchange:amq.rabbitmq.reply-to.g1h%2Fa%3D%3D.b%2B%3D", "amq.rabbitmq.reply-to.g1h/a==.b+=")]
    public void On_rabbitmq_every_answer_goes_through_the_one_default_exchange(string address, string queue)
    {
        EnvelopeRoute.TryParse(address, OnRabbit, out var route).ShouldBeTrue();
        route.ShouldBe(new EnvelopeRoute(new Uri("exchange:amq.rabbitmq.reply-to"), queue));
    }

    [Theory]
    [InlineData("loopback://localhost/host_bus_1")]
    [InlineData("exchange:answers")]
    public void In_memory_it_goes_to_the_address_itself(string address)
    {
        EnvelopeRoute.TryParse(address, InMemory, out var route).ShouldBeTrue();
        route.ShouldBe(new EnvelopeRoute(new Uri(address), null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("http://elsewhere/answers")]
    [InlineData("loopback://localhost/host_bus_1")]
    [InlineData("rabbitmq://broker/")]
    public void No_address_of_the_bus_is_no_route(string address) =>
        EnvelopeRoute.TryParse(address, OnRabbit, out _).ShouldBeFalse();

    [Theory]
    [InlineData("rabbitmq://b/v/bus?temporary=true", null, "rabbitmq://b/v/bus?temporary=true")]
    [InlineData("queue:answers", null, "exchange:answers")]
    [InlineData("rabbitmq://b/" + Direct, Direct + ".g/1=", "exchange:" + Direct + ".g%2F1%3D")]
    public void A_response_address_is_kept_as_any_process_can_use_it(
        string response, string? replyTo, string kept) =>
        EnvelopeRoute.Replicable(new Uri(response), replyTo).ShouldBe(kept);

    [Fact]
    public async Task Answers_take_the_lane_of_their_address_and_bad_ones_are_dropped()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        var replies = new ReplySender(
            host.Link, host.Services.GetRequiredService<EnvelopeReplies>(), NullLogger<ReplySender>.Instance);
        var answer = new LockQueued { CommandId = "c1" };
        foreach (var address in new[]
        {
            "inbox:client.1", "queue:answers", "inbox:", "queue:", "queue:" + TooLong, "", "http://a/b",
        })
        {
            replies.Send(new ReplyAddress { Address = address, RequestId = "r1" }, answer);
        }
        replies.Send(new ReplyAddress { Address = "inbox:client.1", RequestId = TooLong }, answer);
        replies.Send(new ReplyAddress { Address = "inbox:client.2" }, answer);
        host.Link.IsUp = false;
        replies.Send(new ReplyAddress { Address = "inbox:client.1" }, answer);

        host.Link.Sent.ShouldBe([
            ("inbox", "client.1", answer, "r1"),
            ("queue", "answers", answer, "r1"),
            ("inbox", "client.2", answer, null)]);
        // The pump has met the two bad envelope addresses by now, and still works.
        using var scope = host.Services.CreateScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<AcquireLock>>();
        var granted = await client.GetResponse<LockGranted>(new AcquireLock { Name = "a" }, limit.Token);
        granted.Message.Name.ShouldBe("a");
    }

    [Fact]
    public async Task Answers_that_nobody_takes_are_bounded()
    {
        using var limit = new CancellationTokenSource(Limit);
        await using var host = await SampleHost.StartAsync(limit.Token);
        using var idle = new EnvelopeReplies(
            host.Bus, TimeProvider.System, NullLogger<EnvelopeReplies>.Instance);
        var to = new ReplyAddress { Address = "loopback://localhost/nobody" };
        for (var i = 0; i < 10_000; i++)
        {
            idle.Post(to, new LockQueued()).ShouldBeTrue();
        }
        idle.Post(to, new LockQueued()).ShouldBeFalse();
    }
}

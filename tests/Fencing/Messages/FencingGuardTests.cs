using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Fencing.Tests.Messages;

/// <summary>What an endpoint with a guard takes, and what becomes of the rest.</summary>
public sealed class FencingGuardTests
{
    private static readonly string Orders8 = Fenced(8);
    private static readonly string[] Reasons = ["stale", "missing", "invalid"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_of_an_old_holder_reaches_no_consumer_once_the_new_ones_came(bool guardsFirst)
    {
        await using var desk = await Desk.OpenAsync(guardsFirst: guardsFirst);
        await desk.SendAsync(1, token: 5);
        (await desk.NextAsync()).ShouldBe($"work 1, {Fenced(5)}");
        await desk.SendAsync(2, token: 8);
        (await desk.NextAsync()).ShouldBe($"work 2, {Orders8}");

        await desk.SendAsync(3, token: 5);

        (await desk.NextAsync()).ShouldBe("work_error 3");
        await desk.SendAsync(4, token: 8);
        (await desk.NextAsync()).ShouldBe($"work 4, {Orders8}");
        desk.Log.ShouldHaveSingleItem().ShouldEndWith(
            "is refused: Token 5 of 'orders' is older than 8: its lock has gone to another holder.");
    }

    [Fact]
    public async Task An_old_holder_that_waits_for_an_answer_is_told_at_once()
    {
        await using var desk = await Desk.OpenAsync();
        using (FencingScope.Enter("orders", new FencingToken(8)))
        {
            (await desk.RequestAsync(new DoWork(1))).Message.Number.ShouldBe(1);
        }
        using (FencingScope.Enter("orders", new FencingToken(5)))
        {
            var fault = await Should.ThrowAsync<RequestFaultException>(
                () => desk.RequestAsync(new DoWork(2)));
            fault.Fault!.Exceptions[0].ExceptionType.ShouldBe(typeof(StaleFencingTokenException).FullName);
        }
    }

    /// <summary>Not left to wait for its own time-out.</summary>
    [Fact]
    public async Task Who_waits_for_an_answer_is_told_that_the_store_is_away()
    {
        await using var desk = await Desk.OpenAsync(guard: new StoreAway());
        using var scope = FencingScope.Enter("orders", new FencingToken(8));

        var fault = await Should.ThrowAsync<RequestFaultException>(() => desk.RequestAsync(new DoWork(1)));

        fault.Fault!.Exceptions[0].ExceptionType.ShouldBe(typeof(IOException).FullName);
    }

    [Fact]
    public async Task A_refusal_is_published_as_a_fault_of_its_message()
    {
        await using var desk = await Desk.OpenAsync();
        await desk.SendAsync(new DoWork(1));

        await Until.TrueAsync(() => desk.Faults.Count > 0, "no fault is published");
        desk.Faults.ShouldBe([typeof(MissingFencingTokenException).FullName!]);
    }

    [Fact]
    public async Task Refused_messages_may_be_skipped_instead()
    {
        await using var desk = await Desk.OpenAsync(new() { Refused = RefusedMessages.Skip });
        await desk.SendAsync(1, token: 8);
        await desk.NextAsync();

        await desk.SendAsync(2, token: 5);

        (await desk.NextAsync()).ShouldBe("work_skipped 2");
        desk.Log.ShouldHaveSingleItem().ShouldStartWith("Warning: Message ");
    }

    [Fact]
    public async Task A_message_without_a_token_is_refused_unless_the_endpoint_says_otherwise()
    {
        await using (var strict = await Desk.OpenAsync())
        {
            await strict.SendAsync(new DoWork(1));
            (await strict.NextAsync()).ShouldBe("work_error 1");
        }
        await using var lenient = await Desk.OpenAsync(new() { AcceptUnfenced = true });
        await lenient.SendAsync(new DoWork(2));
        (await lenient.NextAsync()).ShouldBe("work 2, unfenced");
        await lenient.SendAsync(3, token: 8);
        await lenient.NextAsync();
        await lenient.SendAsync(4, token: 5);
        (await lenient.NextAsync()).ShouldBe("work_error 4");
    }

    [Theory]
    [InlineData(null, "5")]
    [InlineData("orders", null)]
    [InlineData("orders", "five")]
    [InlineData("orders", "-5")]
    [InlineData("orders", "0")]
    [InlineData("orders", "9007199254740992")]
    [InlineData("", "5")]
    public async Task Impossible_headers_are_never_taken_for_none(string? resource, string? token)
    {
        await using var desk = await Desk.OpenAsync(new() { AcceptUnfenced = true });
        await desk.SendAsync(new DoWork(1), context =>
        {
            context.Headers.Set(FencingHeaders.Resource, resource);
            context.Headers.Set(FencingHeaders.Token, token);
        });
        (await desk.NextAsync()).ShouldBe("work_error 1");
    }

    [Fact]
    public async Task A_token_that_is_a_number_is_read_as_well()
    {
        await using var desk = await Desk.OpenAsync();
        await desk.SendAsync(new DoWork(1), context =>
        {
            context.Headers.Set(FencingHeaders.Resource, "orders");
            context.Headers.Set(FencingHeaders.Token, (object)FencingToken.MaxValue);
        });
        (await desk.NextAsync()).ShouldBe($"work 1, {Fenced(FencingToken.MaxValue)}");
    }

    [Fact]
    public async Task Consumers_of_batches_are_guarded_too()
    {
        await using var desk = await Desk.OpenAsync(consume: (endpoint, desk) =>
        {
            endpoint.ConcurrentMessageLimit = 10;
            endpoint.Batch<DoWork>(batch =>
            {
                batch.MessageLimit = 2;
                batch.TimeLimit = TimeSpan.FromMinutes(1);
                batch.Consumer(() => new BatchSayer(desk));
            });
        });
        await desk.Store.RaiseAsync("orders", new FencingToken(8), TestContext.Current.CancellationToken);
        await desk.SendAsync(1, token: 5);
        (await desk.NextAsync()).ShouldBe("work_error 1");
        await desk.SendAsync(2, token: 8);
        await desk.SendAsync(3, token: 9);
        (await desk.NextAsync()).ShouldBe("batch of 2");
    }

    [Fact]
    public async Task Refusals_are_counted_by_their_reason()
    {
        var counted = new ConcurrentBag<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "muster.fencing.refused")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(
            (_, count, tags, _) => counted.Add($"{count} {tags[0].Value}"));
        listener.Start();

        await using var desk = await Desk.OpenAsync();
        await desk.Store.RaiseAsync("orders", new FencingToken(8), TestContext.Current.CancellationToken);
        await desk.SendAsync(1, token: 5);
        await desk.NextAsync();
        await desk.SendAsync(new DoWork(2));
        await desk.NextAsync();
        await desk.SendAsync(new DoWork(3), context => context.Headers.Set(FencingHeaders.Token, "5"));
        await desk.NextAsync();

        // Tests beside this one may add more of them.
        foreach (var reason in Reasons)
        {
            counted.ShouldContain($"1 {reason}");
        }
    }

    private static string Fenced(long token) =>
        new MessageFence("orders", new FencingToken(token)).ToString();

    private sealed class StoreAway : IFenceStore
    {
        public ValueTask<FencingToken> RaiseAsync(
            string resource, FencingToken token, CancellationToken cancellationToken = default) =>
            throw new IOException("The database is away.");
    }

    private sealed class BatchSayer(Desk desk) : IConsumer<Batch<DoWork>>
    {
        public Task Consume(ConsumeContext<Batch<DoWork>> context) =>
            desk.SayAsync($"batch of {context.Message.Length}");
    }
}

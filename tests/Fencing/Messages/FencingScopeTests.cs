using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Muster.Contracts;
using Shouldly;
using Xunit;

namespace Muster.Fencing.Tests.Messages;

/// <summary>Which messages carry which token.</summary>
public sealed class FencingScopeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_published_in_a_scope_carries_its_fence_and_nothing_else_does()
    {
        await using var desk = await Desk.OpenAsync();
        await desk.Bus.Publish(new WorkDone(1), Stop);
        (await desk.NextAsync()).ShouldBe("done 1, unfenced");
        using (Enter(5))
        {
            await desk.Bus.Publish(new WorkDone(2), Stop);
            (await desk.NextAsync()).ShouldBe($"done 2, {Fenced(5)}");
            using (Enter(6))
            {
                await Task.Run(() => desk.Bus.Publish(new WorkDone(3), Stop), Stop);
                (await desk.NextAsync()).ShouldBe($"done 3, {Fenced(6)}");
            }
            await desk.Bus.Publish(new WorkDone(4), Stop);
            (await desk.NextAsync()).ShouldBe($"done 4, {Fenced(5)}");
        }
        await desk.Bus.Publish(new WorkDone(5), Stop);
        (await desk.NextAsync()).ShouldBe("done 5, unfenced");
    }

    [Fact]
    public async Task Nothing_is_sent_once_the_lock_is_lost()
    {
        await using var desk = await Desk.OpenAsync();
        var isLost = false;
        using var scope = FencingScope.Enter("orders", new FencingToken(5), () => isLost);
        await desk.Bus.Publish(new WorkDone(1), Stop);
        (await desk.NextAsync()).ShouldBe($"done 1, {Fenced(5)}");

        isLost = true;

        var lost = await Should.ThrowAsync<FenceLostException>(() => desk.Bus.Publish(new WorkDone(2), Stop));
        lost.Fence.ShouldBe(new MessageFence("orders", new FencingToken(5)));
        await Should.ThrowAsync<FenceLostException>(() => desk.SendAsync(new DoWork(2)));
        var request = await Should.ThrowAsync<RequestException>(() => desk.RequestAsync(new DoWork(2)));
        request.InnerException.ShouldBeOfType<FenceLostException>();
        using (Enter(6))
        {
            await desk.Bus.Publish(new WorkDone(3), Stop);
        }
        (await desk.NextAsync()).ShouldBe($"done 3, {Fenced(6)}");
    }

    [Fact]
    public async Task A_scope_goes_on_with_the_token_that_an_upgrade_gave()
    {
        await using var desk = await Desk.OpenAsync();
        var token = new FencingToken(5);
        using var scope = FencingScope.Enter("orders", () => token);
        await desk.SendAsync(new DoWork(1));
        (await desk.NextAsync()).ShouldBe($"work 1, {Fenced(5)}");

        token = new FencingToken(6);

        scope.Fence.Token.ShouldBe(token);
        await desk.Store.RaiseAsync("orders", token, Stop); // shown by another way, as a row's own guard
        await desk.SendAsync(new DoWork(2));
        (await desk.NextAsync()).ShouldBe($"work 2, {Fenced(6)}");
    }

    [Fact]
    public async Task Nothing_is_sent_under_a_token_that_cannot_be()
    {
        await using var desk = await Desk.OpenAsync();
        var token = FencingToken.None;
        Should.Throw<ArgumentException>(() => FencingScope.Enter("orders", () => token));
        FencingScope.Current.ShouldBeNull();
        token = new FencingToken(5);
        using var scope = FencingScope.Enter("orders", () => token);

        token = FencingToken.None;

        await Should.ThrowAsync<ArgumentException>(() => desk.SendAsync(new DoWork(1)));
        token = new FencingToken(6);
        await desk.SendAsync(new DoWork(2));
        (await desk.NextAsync()).ShouldBe($"work 2, {Fenced(6)}");
    }

    [Fact]
    public async Task A_task_that_outlives_its_scope_stays_fenced()
    {
        await using var desk = await Desk.OpenAsync();
        var left = new TaskCompletionSource();
        Task late;
        using (Enter(5))
        {
            late = PublishAsync();
        }
        left.SetResult();
        await late;
        (await desk.NextAsync()).ShouldBe($"done 1, {Fenced(5)}");

        async Task PublishAsync()
        {
            await left.Task;
            await desk.Bus.Publish(new WorkDone(1), Stop);
        }
    }

    [Fact]
    public void A_scope_that_is_left_twice_or_too_early_takes_none_from_another()
    {
        var outer = Enter(5);
        var inner = Enter(6);
        outer.Dispose();
        FencingScope.Current.ShouldBe(inner);
        outer.Dispose();
        inner.Dispose();
        FencingScope.Current.ShouldBeNull("the outer one was left");
        inner.Dispose();
        FencingScope.Current.ShouldBeNull();
    }

    [Fact]
    public async Task What_a_task_leaves_and_what_is_left_outside_of_it_is_left_there_alone()
    {
        var outer = Enter(5);
        var inner = Enter(6);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var task = Task.Run(
            async () =>
            {
                await left.Task;
                FencingScope.Current.ShouldBe(inner);
                inner.Dispose();
                FencingScope.Current.ShouldBe(outer);
            },
            Stop);
        outer.Dispose();
        left.SetResult();
        await task;
        FencingScope.Current.ShouldBe(inner);
        inner.Dispose();
        FencingScope.Current.ShouldBeNull();
    }

    [Fact]
    public async Task What_a_consumer_sends_is_fenced_if_it_enters_a_scope_and_only_then()
    {
        await using var desk = await Desk.OpenAsync(consume: (endpoint, desk) =>
            endpoint.Handler<DoWork>(async context =>
            {
                await context.Publish(new WorkDone(1), Stop);
                using var scope = Enter(6);
                await context.Publish(new WorkDone(2), Stop);
            }));
        await desk.SendAsync(1, token: 5);
        var done = new[] { await desk.NextAsync(), await desk.NextAsync() };
        done.Order().ShouldBe(["done 1, unfenced", $"done 2, {Fenced(6)}"]);
    }

    [Fact]
    public async Task A_message_that_is_passed_on_keeps_its_fence()
    {
        await using var desk = await Desk.OpenAsync(consume: (endpoint, _) =>
            endpoint.Handler<DoWork>(context => context.Forward(new Uri("queue:events"))));
        await desk.SendAsync(1, token: 5);
        (await desk.NextAsync()).ShouldBe($"forwarded 1, {Fenced(5)}");
    }

    [Fact]
    public async Task In_an_outbox_a_scope_is_applied_by_hand()
    {
        var heard = Channel.CreateUnbounded<string?>();
        await using var provider = new ServiceCollection()
            .AddMassTransit(services => services.UsingInMemory((context, bus) =>
            {
                bus.UseFencingHeaders();
                bus.ReceiveEndpoint("work", endpoint =>
                {
                    endpoint.UseInMemoryOutbox(context);
                    endpoint.Handler<DoWork>(async work =>
                    {
                        using var scope = Enter(work.Message.Number);
                        await work.Publish(new WorkDone(1), sent => scope.Apply(sent), Stop);
                    });
                });
                bus.ReceiveEndpoint("events", endpoint => endpoint.Handler<WorkDone>(
                    done => heard.Writer.WriteAsync(done.GetFence()?.ToString(), Stop).AsTask()));
            }))
            .BuildServiceProvider();
        var bus = provider.GetRequiredService<IBusControl>();
        await bus.StartAsync(Stop);
        try
        {
            await bus.Publish(new DoWork(7), Stop);
            (await heard.Reader.ReadAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop))
                .ShouldBe(Fenced(7));
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData("orders", 0)]
    [InlineData("orders", FencingToken.MaxValue + 1)]
    public void A_scope_of_nothing_is_refused(string resource, long token)
    {
        Should.Throw<ArgumentException>(() => FencingScope.Enter(resource, new FencingToken(token)));
        FencingScope.Current.ShouldBeNull();
    }

    private static FencingScope Enter(long token) => FencingScope.Enter("orders", new FencingToken(token));

    private static string Fenced(long token) =>
        new MessageFence("orders", new FencingToken(token)).ToString();
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Muster.Contracts.Lock;

namespace Muster.Bus.Tests;

/// <summary>What the protocol cannot carry, and that whoever sends too much hears of it.</summary>
public sealed class OutgoingFrameTests : ILogger
{
    private readonly List<string> _lines = [];

    [Fact]
    public void A_message_is_as_large_as_the_broker_takes_and_no_larger()
    {
        var empty = Create("answers", 0, out _).ShouldNotBeNull().Body.Length;
        Create("answers", (16 << 20) - empty, out var tooLarge).ShouldNotBeNull().Body.Length
            .ShouldBe(16 << 20);
        tooLarge.ShouldBe(0);
        Create("answers", (16 << 20) - empty + 1, out tooLarge).ShouldBeNull();
        tooLarge.ShouldBe((16 << 20) + 1);
        Create(new string('x', 256), 0, out tooLarge).ShouldBeNull();
        tooLarge.ShouldBe(0);
    }

    [Fact]
    public void One_that_is_too_large_is_a_warning_and_many_are_not_a_flood_of_them()
    {
        var time = new FakeTimeProvider();
        var scope = new RabbitLinkScope(
            new() { Broker = new("amqp://broker") }, new("muster"),
            new() { Address = "replica.lock.x1", OnMessage = _ => { } }, this, time);
        scope.TooLarge("muster.inbox/client.1", "Muster.Contracts.Lock:LockEventsRead", 30_000_000);
        scope.TooLarge("muster.inbox/client.1", "Muster.Contracts.Lock:LockEventsRead", 30_000_000);
        _lines.ShouldHaveSingleItem().ShouldBe(
            "Warning 116: replica.lock.x1 could not send to muster.inbox/client.1: a "
            + "Muster.Contracts.Lock:LockEventsRead of 30000000 bytes is larger than the broker takes, and "
            + "was dropped (0 more since the last line)");
        time.Advance(TimeSpan.FromSeconds(5));
        scope.TooLarge("muster.inbox/client.1", "Muster.Contracts.Lock:LockEventsRead", 30_000_000);
        _lines[1].ShouldEndWith("(1 more since the last line)");
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Add($"{logLevel} {eventId.Id}: {formatter(state, exception)}");

    private static OutgoingFrame? Create(string queue, int characters, out int tooLarge) =>
        OutgoingFrame.Create(
            "", queue, new LockLost { Name = new string('n', characters) }, options: null, out tooLarge);
}

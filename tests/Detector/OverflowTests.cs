using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Muster.Bus;
using Muster.Contracts.Detector;
using Muster.Detector.Judging;
using Shouldly;
using Xunit;

namespace Muster.Detector.Tests;

/// <summary>Nodes that find no place with the judge are told of, and not with each of their beats.</summary>
public sealed class OverflowTests : ILogger
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _told = [];
    private readonly JudgeRoom _room;

    private long _beats;

    public OverflowTests() => _room = new(
        new DetectorOptions { Instance = "d1", Instances = ["d1"], MaxNodes = 1 }, "s", _time, this);

    [Fact]
    public void More_nodes_than_are_judged_are_told_once_a_minute_and_in_the_health_for_as_long()
    {
        Beat("a");
        _room.IsOverflowing.ShouldBeFalse();
        _told.ShouldBeEmpty();

        Beat("b");
        Beat("c");
        _room.IsOverflowing.ShouldBeTrue();
        _told.ShouldHaveSingleItem().ShouldContain("the 1 of Detector:MaxNodes");

        _time.Advance(TimeSpan.FromMinutes(1));
        _room.IsOverflowing.ShouldBeFalse();
        Beat("b");
        _told.Count.ShouldBe(2);
        _told[1].ShouldContain("; 2 of their beats since");
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => _told.Add(formatter(state, exception));

    private void Beat(string node) => _room.Receive(new LinkMessage(_ => { }, _ => { })
    {
        Type = BusJson.TypeName(typeof(Heartbeat)),
        Body = BusJson.Write(new Heartbeat
        {
            Node = node,
            Incarnation = "i",
            Number = ++_beats,
            IntervalMilliseconds = 1_000,
        }),
    });
}

using Muster.Hosting;
using RabbitMQ.Client;
using Shouldly;

namespace Muster.Endpoints.Tests;

/// <summary>With which of its sender's properties a message goes to an error queue.</summary>
public sealed class MovableMessageTests
{
    [Fact]
    public void What_the_broker_takes_is_kept()
    {
        var sent = new BasicProperties
        {
            ContentType = "application/json",
            CorrelationId = new string('c', 255),
            MessageId = "m",
            ReplyTo = "r",
            Type = "t",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?> { ["a"] = "b"u8.ToArray(), ["list"] = List(1, null) },
        };

        var moved = MovableMessage.Of(sent);

        (moved.ContentType, moved.CorrelationId, moved.MessageId, moved.ReplyTo, moved.Type)
            .ShouldBe((sent.ContentType, sent.CorrelationId, "m", "r", "t"));
        moved.DeliveryMode.ShouldBe(DeliveryModes.Persistent);
        moved.Headers.ShouldBeSameAs(sent.Headers);
    }

    [Fact]
    public void Ids_that_grew_as_they_were_read_and_another_user_are_left_out()
    {
        var grown = new string('\uFFFD', 86);

        var moved = MovableMessage.Of(new BasicProperties
        {
            AppId = grown,
            CorrelationId = grown,
            MessageId = grown,
            ReplyTo = grown,
            Type = grown,
            UserId = "app",
        });

        new[] { moved.AppId, moved.CorrelationId, moved.MessageId, moved.ReplyTo, moved.Type, moved.UserId }
            .ShouldAllBe(text => text == null);
        moved.IsUserIdPresent().ShouldBeFalse();
        moved.IsCorrelationIdPresent().ShouldBeFalse();
    }

    public static TheoryData<Dictionary<string, object?>> TooMuch => new(
        new Dictionary<string, object?> { ["long"] = new byte[70_000] },
        new Dictionary<string, object?> { ["binary"] = new BinaryTableValue(new byte[70_000]) },
        new Dictionary<string, object?> { ["list"] = List(new byte[40_000], new byte[40_000]) },
        new Dictionary<string, object?>
        {
            ["table"] = new Dictionary<string, object?> { ["a"] = new byte[70_000] },
        },
        new Dictionary<string, object?> { [new string('\uFFFD', 86)] = 1 },
        Enumerable.Range(0, 9_000).ToDictionary(number => $"{number}", _ => (object?)null));

    [Theory]
    [MemberData(nameof(TooMuch), DisableDiscoveryEnumeration = true)]
    public void Headers_that_would_not_fit_into_a_frame_are_left_out(Dictionary<string, object?> headers) =>
        MovableMessage.Of(new BasicProperties { Headers = headers }).Headers.ShouldBeNull();

    private static List<object?> List(params object?[] values) => [.. values];
}

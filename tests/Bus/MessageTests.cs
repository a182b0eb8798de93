using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Muster.Contracts.Lock;

namespace Muster.Bus.Tests;

public sealed class MessageTests
{
    private const string EnvelopeType = "application/vnd.masstransit+json";
    private static readonly MessageTypes Types = new(new BusNames("muster"));

    [Fact]
    public void An_envelope_that_we_write_is_read_back()
    {
        var bare = BusJson.Write(new LockLost { Name = "a", Cause = "b" });
        var id = Guid.Parse("0192f0c1-2a1b-7c3d-8e4f-5a6b7c8d9e0f");

        var body = Envelope.Write("Muster.Contracts.Lock:LockLost", bare, id, DateTimeOffset.UnixEpoch);

        using var envelope = JsonDocument.Parse(body);
        envelope.RootElement.GetProperty("messageId").GetGuid().ShouldBe(id);
        envelope.RootElement.GetProperty("messageType")[0].GetString()
            .ShouldBe("urn:message:Muster.Contracts.Lock:LockLost");
        envelope.RootElement.GetProperty("sentTime").GetString().ShouldBe("1970-01-01T00:00:00Z");
        Envelope.TypeOf(body).ShouldBe("Muster.Contracts.Lock:LockLost");
        var message = new LinkMessage { Type = "", Body = body, ContentType = EnvelopeType };
        message.Read<LockLost>().ShouldBe(new LockLost { Name = "a", Cause = "b" });
    }

    [Theory]
    [InlineData(
        """{"messageType":["urn:message:Other:Thing","urn:message:Muster.Contracts.Lock:LockLost"]}""",
        "Muster.Contracts.Lock:LockLost")]
    [InlineData("""{"messageType":["urn:message:Other:Thing", 5]}""", null)]
    [InlineData("""{"messageType":[]}""", null)]
    public void An_envelopes_type_is_the_first_contract_that_it_names(string body, string? type) =>
        Envelope.TypeOf(Encoding.UTF8.GetBytes(body)).ShouldBe(type);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"messageType":"urn:message:A:B"}""")]
    public void What_is_no_envelope_is_malformed(string body) =>
        Should.Throw<JsonException>(() => Envelope.TypeOf(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("Muster.Contracts.Lock:LockLost", "", "Muster.Contracts.Lock:LockLost")]
    [InlineData(null, "Muster.Contracts.Lock:LockGranted", "Muster.Contracts.Lock:LockGranted")]
    [InlineData("", "Muster.Contracts.Lock:LockGranted", "Muster.Contracts.Lock:LockGranted")]
    [InlineData(
        "urn:message:Muster.Contracts.Lock:LockLost", "muster.beats", "Muster.Contracts.Lock:LockLost")]
    [InlineData("urn:message:Other:Thing", "Muster.Contracts.Lock:LockGranted", null)]
    [InlineData("Other:Thing", "Muster.Contracts.Lock:LockGranted", null)]
    [InlineData(null, "muster.inbox", null)]
    public void A_bare_message_is_what_its_type_says_else_what_its_exchange_says(
        string? declared, string exchange, string? type) =>
        Types.Find(declared, "application/json", exchange, default).ShouldBe(type);

    [Fact]
    public void An_envelope_under_a_foreign_type_is_what_its_urns_say()
    {
        var body = Encoding.UTF8.GetBytes(
            """{"messageType":["urn:message:Muster.Contracts.Lock:LockLost"]}""");

        Types.Find("Other:Thing", EnvelopeType, "", body).ShouldBe("Muster.Contracts.Lock:LockLost");
    }

    [Fact]
    public void Another_clusters_exchange_names_no_type_of_ours() =>
        new MessageTypes(new BusNames("blue"))
            .Find(null, "application/json", "Muster.Contracts.Lock:LockLost", default).ShouldBeNull();

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("text/plain", "application/json")]
    [InlineData("application/json; charset=utf-8", "application/json")]
    [InlineData("Application/Vnd.MassTransit+Json; charset=utf-8", EnvelopeType)]
    public void Content_types_are_told_apart_without_their_parameters(string? contentType, string expected) =>
        MessageTypes.ContentTypeOf(contentType).ShouldBe(expected);

    [Fact]
    public void The_log_lets_one_line_through_per_interval_and_counts_the_others()
    {
        var time = new FakeTimeProvider();
        var throttle = new LogThrottle(time, TimeSpan.FromSeconds(5));

        throttle.Allows(out var first).ShouldBeTrue();
        throttle.Allows(out _).ShouldBeFalse();
        throttle.Allows(out _).ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(5));
        throttle.Allows(out var second).ShouldBeTrue();

        (first, second).ShouldBe((0, 2));
    }

    [Fact]
    public void The_brokers_password_is_never_printed() =>
        new RabbitLinkSettings { Broker = new Uri("amqp://user:secret@broker:5673/vhost") }
            .ToString().ShouldBe("amqp://user@broker:5673/vhost");
}

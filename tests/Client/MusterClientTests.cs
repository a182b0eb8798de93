using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Muster.Client.Tests.Elected;

namespace Muster.Client.Tests;

/// <summary>A client that is made by hand, of nothing but its options.</summary>
public sealed class MusterClientTests
{
    // Of the links' log.
    private const int ConnectFailed = 102;
    private const int LinkClosed = 103;

    private static readonly byte[] AmqpHeader = [.. "AMQP"u8, 0, 0, 9, 1];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AddMusterTests.BadOptions), MemberType = typeof(AddMusterTests))]
    public void Bad_options_are_refused_as_by_a_container(Action<MusterOptions> spoil, string message)
    {
        var options = new MusterOptions { Bus = new Uri("amqp://localhost") };
        spoil(options);

        Should.Throw<OptionsValidationException>(() => new MusterClient(options))
            .Message.ShouldContain(message);
    }

    [Fact]
    public async Task Given_links_need_no_broker_in_the_options()
    {
        await using var client = new MusterClient(new MusterOptions(), new FakeLinks());
        client.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public async Task It_connects_to_the_broker_of_its_options_and_its_link_ends_with_it()
    {
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        using var log = new Log();
        var client = new MusterClient(OptionsFor(broker), log);
        var connecting = client.ConnectAsync(Cancelled);

        using var connection = await broker.AcceptTcpClientAsync(Cancelled).AsTask().Soon();
        var header = new byte[AmqpHeader.Length];
        await connection.GetStream().ReadExactlyAsync(header, Cancelled).AsTask().Soon();
        header.ShouldBe(AmqpHeader);
        log.Lines.Of(LinkClosed).ShouldBeEmpty();
        broker.Stop();
        connection.Close(); // a handshake that nobody answers would hold up the end

        await client.DisposeAsync().Soon();

        log.Lines.Of(LinkClosed).ShouldHaveSingleItem();
        await Should.ThrowAsync<ObjectDisposedException>(connecting.Soon);
        await client.DisposeAsync().Soon();
    }

    [Fact]
    public async Task While_no_broker_is_there_it_goes_on_trying_and_its_logger_and_clock_are_those_given()
    {
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        var options = OptionsFor(broker);
        broker.Stop(); // now the port is nobody's
        using var log = new Log();
        var time = new TwoClocks();
        await using var client = new MusterClient(options, log, time);

        var acquire = client.Locks.TryAcquireAsync("a", cancellationToken: Cancelled).AsTask();
        await Waiting.UntilAsync(() => log.Lines.Of(ConnectFailed).Any());
        acquire.IsCompleted.ShouldBeFalse();
        time.Advance(options.CallTimeout);

        await Waiting.UntilAsync(() => acquire.IsCompleted);
        await Should.ThrowAsync<TimeoutException>(acquire);
        client.IsConnected.ShouldBeFalse();
    }

    private static MusterOptions OptionsFor(TcpListener broker)
    {
        var port = ((IPEndPoint)broker.LocalEndpoint).Port;
        return new MusterOptions
        {
            Bus = new Uri($"amqp://guest:guest@127.0.0.1:{port}/"),
            CallTimeout = TimeSpan.FromMinutes(5), // beyond every test's own patience
        };
    }

    /// <summary>What every logger of the client, its link among them, was told.</summary>
    private sealed class Log : ILoggerFactory
    {
        public RecordingLogger<MusterClient> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => Lines;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // Nothing is open.
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Muster.Broker;
using Shouldly;
using Xunit;

namespace Muster.Containers.Tests;

/// <summary>
/// The proxy between two plain sockets: a client and a listener that stands for the broker.
/// </summary>
public sealed class CuttableProxyTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpListener _broker = new(IPAddress.Loopback, 0);
    private readonly CuttableProxy _proxy;

    public CuttableProxyTests()
    {
        _broker.Start();
        _proxy = CuttableProxy.Start(new Uri($"amqp://u:p@127.0.0.1:{BrokerPort}/v"));
    }

    private int BrokerPort => ((IPEndPoint)_broker.LocalEndpoint).Port;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Its_address_is_the_brokers_with_another_port()
    {
        _proxy.Uri.ToString().ShouldBe($"amqp://u:p@127.0.0.1:{_proxy.Uri.Port}/v");
        _proxy.Uri.Port.ShouldNotBe(BrokerPort);
    }

    [Fact]
    public async Task Bytes_pass_both_ways_also_more_than_a_buffer()
    {
        var (near, far) = await ConnectAsync();
        var sent = new byte[1_000_000];
        Random.Shared.NextBytes(sent);

        var sending = near.SendAsync(sent, Cancellation).AsTask();
        var received = await ReadAsync(far, sent.Length);

        (await sending).ShouldBe(sent.Length);
        received.ShouldBe(sent);
        await far.SendAsync(new byte[] { 7 }, Cancellation);
        (await ReadAsync(near, 1)).ShouldBe(new byte[] { 7 });
    }

    [Fact]
    public async Task A_cut_holds_bytes_and_closes_and_heal_delivers_both()
    {
        var (near, far) = await ConnectAsync();

        _proxy.Cut();
        await near.SendAsync(new byte[] { 1, 2 }, Cancellation);
        near.Shutdown(SocketShutdown.Send);
        var reading = ReadAsync(far, 2);

        // Nothing can pass a cut, so that nothing arrives needs no long wait to be true; a leak shows as a
        // failing run.
        await Should.ThrowAsync<TimeoutException>(
            () => reading.WaitAsync(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancellation));
        _proxy.OpenConnections.ShouldBe(1);

        _proxy.Heal();

        (await reading).ShouldBe(new byte[] { 1, 2 });
        (await InTimeAsync(far.ReceiveAsync(new byte[1], Cancellation))).ShouldBe(0);
    }

    [Fact]
    public async Task A_connection_made_during_the_cut_reaches_the_broker_after_it()
    {
        _proxy.Cut();
        using var near = await DialAsync();
        var accepting = _broker.AcceptSocketAsync(Cancellation).AsTask();
        await near.SendAsync(new byte[] { 5 }, Cancellation);
        accepting.IsCompleted.ShouldBeFalse();

        _proxy.Heal();

        using var far = await accepting.WaitAsync(Patience, TimeProvider.System, Cancellation);
        (await ReadAsync(far, 1)).ShouldBe(new byte[] { 5 });
    }

    [Fact]
    public async Task Healed_for_new_connections_the_old_one_stays_open_and_silent()
    {
        var (near, far) = await ConnectAsync();
        _proxy.Cut();
        near.Dispose();

        _proxy.HealForNewConnections();

        var (secondNear, secondFar) = await ConnectAsync();
        await secondNear.SendAsync(new byte[] { 9 }, Cancellation);
        (await ReadAsync(secondFar, 1)).ShouldBe(new byte[] { 9 });
        _proxy.OpenConnections.ShouldBe(2);
        far.Poll(0, SelectMode.SelectRead).ShouldBeFalse("the broker's end has been told of the close");
    }

    [Fact]
    public async Task CutHard_closes_both_ends_and_lets_new_connections_pass()
    {
        var (near, far) = await ConnectAsync();

        _proxy.CutHard();

        await EndsAsync(near);
        await EndsAsync(far);
        await ConnectAsync();
    }

    [Fact]
    public async Task A_broker_that_refuses_closes_the_client()
    {
        _broker.Stop();

        using var near = await DialAsync();

        await EndsAsync(near);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _broker.Dispose();
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var next = await InTimeAsync(socket.ReceiveAsync(bytes.AsMemory(read), Cancellation));
            next.ShouldBeGreaterThan(0, "the connection ended early");
            read += next;
        }
        return bytes;
    }

    private static async Task EndsAsync(Socket socket)
    {
        try
        {
            (await InTimeAsync(socket.ReceiveAsync(new byte[1], Cancellation))).ShouldBe(0);
        }
        catch (SocketException exception)
        {
            exception.SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
        }
    }

    private static Task<T> InTimeAsync<T>(ValueTask<T> happening) =>
        happening.AsTask().WaitAsync(Patience, TimeProvider.System, Cancellation);

    private async Task<(Socket Near, Socket Far)> ConnectAsync()
    {
        var near = await DialAsync();
        var far = await InTimeAsync(_broker.AcceptSocketAsync(Cancellation));
        return (near, far);
    }

    private async Task<Socket> DialAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _proxy.Uri.Port, Cancellation);
        return socket;
    }
}

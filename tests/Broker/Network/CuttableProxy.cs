using System.Net;
using System.Net.Sockets;

namespace Muster.Broker;

/// <summary>
/// A TCP proxy on loopback before the broker, one per process under test, whose wire can be cut as dropped
/// packets cut it: nothing passes and nothing is closed, so each side keeps its old connection until its own
/// patience ends.
/// </summary>
public sealed class CuttableProxy : IAsyncDisposable
{
    private const int MostConnections = 256;

    private readonly Lock _gate = new();
    private readonly Socket _listener;
    private readonly Uri _target;
    private readonly TimeSpan _delay;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<ProxiedConnection> _connections = [];
    private readonly List<Task> _served = [];
    private readonly Task _accepting;
    private TaskCompletionSource? _held;

    private CuttableProxy(Uri target, TimeSpan delay)
    {
        _target = target;
        _delay = delay;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(MostConnections);
        var port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Uri = new UriBuilder(target) { Host = "127.0.0.1", Port = port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>
    /// The target's address with this proxy's host and port: what the process under test is given.
    /// </summary>
    public Uri Uri { get; }

    /// <summary>Connections to the target, held ones included.</summary>
    public int OpenConnections
    {
        get
        {
            lock (_gate)
            {
                return _connections.Count;
            }
        }
    }

    /// <param name="target">The broker.</param>
    /// <param name="delay">What each packet takes, each way, at least; default none.</param>
    public static CuttableProxy Start(Uri target, TimeSpan delay = default) => new(target, delay);

    /// <summary>
    /// From now on every packet is held, both ways, closes included; new connections reach nobody.
    /// </summary>
    public void Cut()
    {
        lock (_gate)
        {
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections.ForEach(connection => connection.Hold());
        }
    }

    /// <summary>Packets flow again, the held ones first (as TCP would send them again).</summary>
    public void Heal()
    {
        lock (_gate)
        {
            _connections.ForEach(connection => connection.Release());
            ReleaseNewConnections();
        }
    }

    /// <summary>
    /// New connections pass; the old ones stay silent for ever: the broker still counts a peer that has long
    /// connected again.
    /// </summary>
    public void HealForNewConnections()
    {
        lock (_gate)
        {
            ReleaseNewConnections();
        }
    }

    /// <summary>Closes every connection at both ends; new ones pass unless the wire is cut.</summary>
    public void CutHard()
    {
        lock (_gate)
        {
            _connections.ForEach(connection => connection.Close());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        CutHard();
        Heal();
        Task[] served;
        lock (_gate)
        {
            served = [.. _served];
        }
        await Task.WhenAll(served);
        _closing.Dispose();
    }

    private void ReleaseNewConnections()
    {
        _held?.SetResult();
        _held = null;
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(_closing.Token);
                lock (_gate)
                {
                    _served.RemoveAll(task => task.IsCompleted);
                    if (_served.Count == MostConnections)
                    {
                        client.Dispose();
                        continue;
                    }
                    _served.Add(ServeAsync(client));
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The listener is closing, or one client went away before it was accepted; the loop's
                // condition decides.
                continue;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await Task.Yield();
        using var near = client;
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var connection = new ProxiedConnection(near, far, _delay);
        try
        {
            await PassAsync();
            // Known before it is dialled, so that no cut can miss it.
            Track(connection);
            await far.ConnectAsync(_target.Host, _target.Port, _closing.Token);
            await connection.RunAsync();
        }
        catch (Exception exception) when (
            exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The target refuses or the proxy closes: the client sees its connection closed, as it would
            // without a proxy.
            connection.Close();
        }
        finally
        {
            lock (_gate)
            {
                _connections.Remove(connection);
            }
        }
    }

    private void Track(ProxiedConnection connection)
    {
        lock (_gate)
        {
            if (_held is not null)
            {
                connection.Hold();
            }
            _connections.Add(connection);
        }
    }

    private async Task PassAsync()
    {
        while (true)
        {
            Task? held;
            lock (_gate)
            {
                held = _held?.Task;
            }
            if (held is null)
            {
                return;
            }
            await held.WaitAsync(_closing.Token);
        }
    }
}
